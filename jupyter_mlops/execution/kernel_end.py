"""Ending the kernel of a run: politely, but not for ever."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.execution.started_kernel import KernelProcess, StartedKernel

# A kernel that was asked to shut down is usually gone within 0.1 s.
_PROMPT_SECONDS = 0.3


def shut_down(kernel: StartedKernel, patience: float) -> None:
    """End the kernel as a user would: its exit handlers run, for up to ``patience`` seconds.

    With no patience it is killed at once.
    """
    process = kernel.process
    if process is None:
        kernel.manager.shutdown_kernel(now=patience <= 0)
        return
    deadline = time.monotonic() + patience
    if patience > 0 and process.poll() is None:
        kernel.manager.request_shutdown()
        if not _gone(process, time.monotonic() + _PROMPT_SECONDS) and kernel.language == "python":
            _leave_children(kernel)
        _gone(process, deadline)
    if process.poll() is None:
        kernel.kill()


def _leave_children(kernel: StartedKernel) -> None:
    """Have IPython stop its loop and go on to its exit handlers.

    Asked to shut down, ipykernel first waits up to 28 s for programs that it started and that
    ignore SIGTERM or were not waited for; every use of multiprocessing leaves one.
    """
    client = kernel.manager.client()
    client.start_channels(iopub=False, stdin=False, hb=False, control=False)
    client.execute("get_ipython().ask_exit()", silent=True, store_history=False)


def _gone(process: KernelProcess, deadline: float) -> bool:
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True
