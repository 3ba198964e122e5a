"""What the extension adds to a Jupyter server: time to the first answer, memory, its launcher."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.disk import folder_on_disk
from benchmarks.figures import Figure
from benchmarks.jupyter import JupyterServer
from benchmarks.memory import megabytes, tree_of

# One start differs from the next by more than what is measured.
ROUNDS = 15
# Memory is looked at once a server has come to rest, in the last of the rounds.
MEMORY_ROUNDS = 3
SETTLE_SECONDS = 10.0


def figures() -> Iterator[Figure]:
    """Yield the rows of the server, started with and without the extension in turn."""
    times: dict[bool, list[float]] = {True: [], False: []}
    memory: dict[bool, list[float]] = {True: [], False: []}
    launchers: list[float] = []
    with folder_on_disk() as root:
        for number in range(ROUNDS):
            # Neither of a pair is always the one that finds the machine warm.
            for enabled in (True, False) if number % 2 else (False, True):
                with JupyterServer(Path(root), {"jupyter_mlops": enabled}) as server:
                    times[enabled].append(server.seconds_to_status)
                    if number >= ROUNDS - MEMORY_ROUNDS:
                        time.sleep(SETTLE_SECONDS)
                        memory[enabled].append(megabytes([psutil.Process(server.pid)]))
                        if enabled:
                            launchers.append(megabytes(_launchers(server.pid)))
    pairs = zip(times[True], times[False], strict=True)
    low, added, high = statistics.quantiles((ours - plain for ours, plain in pairs), n=4)
    note = (
        f"half of {ROUNDS} pairs between {low * 1000:+.0f} and {high * 1000:+.0f}; "
        f"plain {statistics.median(times[False]):.2f} s"
    )
    yield Figure("first /api/status: added", added * 1000, "ms", 100, note=note)
    more = statistics.median(memory[True]) - statistics.median(memory[False])
    yield Figure("memory of the server: added", more, "MB", 40)
    yield Figure("memory of the idle launcher", statistics.median(launchers), "MB", 120)


def _launchers(pid: int) -> list[psutil.Process]:
    return [
        process
        for process in tree_of(pid)
        if "jupyter_mlops.execution.launcher" in " ".join(process.cmdline())
    ]
