"""Eight notebooks at once: against jupyter-scheduler in a real server."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from benchmarks import peers
from benchmarks.figures import Figure, timed
from benchmarks.jupyter import JupyterServer
from benchmarks.memory import PeakMemory
from benchmarks.site import Site

RUNS = 8
LOOK_SECONDS = 0.05


def figures(site: Site) -> Iterator[Figure]:
    """Yield time and peak memory; ours counts this process, which hosts the core, and its runs."""
    trivial = site.trivial()
    with PeakMemory(os.getpid(), runs=True) as ours:
        seconds = timed(lambda: site.wait(*[site.submit(trivial) for _ in range(RUNS)]))
    with JupyterServer(site.root, {"jupyter_scheduler": True}, peers.python()) as server:
        # The first job loads what the others share: ours is warm too.
        _finish(server, [_start_job(server, trivial, 0)])
        with PeakMemory(server.pid) as theirs:
            peer_seconds = timed(lambda: _run_jobs(server, trivial))
    yield Figure("8 notebooks at once", seconds, "s", 0.2, peer_seconds, "jupyter-scheduler")
    yield Figure(
        "8 notebooks at once: peak memory", ours.peak, "MB", 0.5, theirs.peak, "jupyter-scheduler"
    )


def _run_jobs(server: JupyterServer, name: str) -> None:
    _finish(server, [_start_job(server, name, number) for number in range(RUNS)])


def _start_job(server: JupyterServer, name: str, number: int) -> str:
    job = {
        "name": f"job {number}",
        "input_uri": f"{name}.ipynb",
        "runtime_environment_name": "python3",
        "output_formats": ["ipynb"],
    }
    return str(server.ask("POST", "scheduler/jobs", job)["job_id"])


def _finish(server: JupyterServer, jobs: list[str]) -> None:
    for job in jobs:
        while server.ask("GET", f"scheduler/jobs/{job}")["status"] != "COMPLETED":
            time.sleep(LOOK_SECONDS)
