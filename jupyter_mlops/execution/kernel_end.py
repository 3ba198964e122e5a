"""Ending the kernel of a run: politely, but not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.execution.started_kernel import KernelProcess, StartedKernel

# How long IPython may take to leave its loop and its exit handlers to run, before it is asked
# as any other kernel is.
_LEAVE_SECONDS = 2.0
# To shut ipykernel down by its control channel is slow: it waits up to 28 s for programs that it
# started and that ignore SIGTERM (every use of multiprocessing leaves one), and 10 s for its own
# output when two of its threads meet badly. It may as well end as a script does.
_LEAVE = """
try:
    _loop = get_ipython().kernel.io_loop
    _loop.add_callback(_loop.stop)
except Exception:
    get_ipython().ask_exit()
"""
# MLflow's own exit handler would call FINISHED what the failure of a cell has cut off.
_FAIL_OPEN_RUNS = """
def _fail_open_runs():
    import sys
    mlflow = sys.modules.get("mlflow")
    for _ in range(100):
        if mlflow is None or mlflow.active_run() is None:
            break
        mlflow.end_run("FAILED")
try:
    _fail_open_runs()
except Exception:
    pass
"""


def shut_down(kernel: StartedKernel, patience: float, *, failed: bool = False) -> None:
    """End the kernel as a user would: its exit handlers run, for up to ``patience`` seconds.

    With no patience it is killed at once. ``failed``: what the notebook was about to do, it did not.
    """
    process = kernel.process
    if process is None:
        kernel.manager.shutdown_kernel(now=patience <= 0)
        return
    if patience > 0 and process.poll() is None:
        deadline = time.monotonic() + patience
        if kernel.language != "python" or not _leaves(kernel, process, failed=failed):
            kernel.manager.request_shutdown()
        _gone(process, deadline)
    if process.poll() is None:
        kernel.kill()


def _leaves(kernel: StartedKernel, process: KernelProcess, *, failed: bool) -> bool:
    """Have IPython stop its loop; false if the kernel is still there after a while."""
    client = kernel.manager.client()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    code = _FAIL_OPEN_RUNS + _LEAVE if failed else _LEAVE
    client.execute(code, silent=True, store_history=False)
    try:
        return _gone(process, time.monotonic() + _LEAVE_SECONDS)
    finally:
        client.stop_channels()


def _gone(process: KernelProcess, deadline: float) -> bool:
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True
