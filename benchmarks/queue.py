"""Eight notebooks at once: a Jupyter server with our extension against one with jupyter-scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from benchmarks import peers
from benchmarks.figures import Figure, timed
from benchmarks.jupyter import JupyterServer
from benchmarks.memory import PeakMemory
from benchmarks.workspace import Workspace

RUNS = 8
LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 300.0

# Starts one notebook by a server's own API and returns the path that tells its status.
Starter = Callable[[JupyterServer, str, int], str]


def figures() -> Iterator[Figure]:
    """Yield time and peak memory of the servers and all that they started."""
    workspace = Workspace()
    try:
        trivial = workspace.trivial()
        seconds, memory = _measure(workspace.server, trivial, _start_run, "FINISHED")
        root = workspace.root
        workspace.server.close()
        with JupyterServer(root, {"jupyter_scheduler": True}, peers.python()) as server:
            peer_seconds, peer_memory = _measure(server, trivial, _start_job, "COMPLETED")
    finally:
        workspace.close()
    yield Figure("8 notebooks at once", seconds, "s", 0.2, peer_seconds, "jupyter-scheduler")
    yield Figure(
        "8 notebooks at once: peak memory", memory, "MB", 0.5, peer_memory, "jupyter-scheduler"
    )


def _measure(server: JupyterServer, name: str, start: Starter, done: str) -> tuple[float, float]:
    """Return seconds from the first request until all have ended well, and peak megabytes."""
    # The first one loads what the others share.
    _finish(server, [start(server, name, 0)], done)
    with PeakMemory(server.pid) as memory:
        seconds = timed(
            lambda: _finish(server, [start(server, name, each) for each in range(RUNS)], done)
        )
    return seconds, memory.peak


def _start_run(server: JupyterServer, name: str, number: int) -> str:
    run = {"notebook": f"{name}.ipynb", "name": f"run {number}"}
    return f"mlops/api/runs/{server.ask('POST', 'mlops/api/runs', run)['run_id']}"


def _start_job(server: JupyterServer, name: str, number: int) -> str:
    job = {
        "name": f"job {number}",
        "input_uri": f"{name}.ipynb",
        "runtime_environment_name": "python3",
        "output_formats": ["ipynb"],
    }
    return f"scheduler/jobs/{server.ask('POST', 'scheduler/jobs', job)['job_id']}"


def _finish(server: JupyterServer, paths: list[str], done: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    for path in paths:
        # A job of jupyter-scheduler calls itself STOPPED until its process has begun.
        while (status := server.ask("GET", path)["status"]) != done:
            if status in ("FAILED", "KILLED") or time.monotonic() > deadline:
                raise RuntimeError(f"{path} is {status}")
            time.sleep(LOOK_SECONDS)
