"""Memory of process trees: proportional set size, so that shared pages count once."""

from __future__ import annotations

import threading
from types import TracebackType

import psutil


def tree_of(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants that live."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def with_cookie(variable: str) -> list[psutil.Process]:
    """Return the processes whose environment names a run, other than the launcher's placeholder."""
    found = []
    for process in psutil.process_iter():
        try:
            value = process.environ().get(variable)
        except psutil.Error:
            continue
        if value and set(value) != {"0"}:
            found.append(process)
    return found


def megabytes(processes: list[psutil.Process]) -> float:
    """Return the summed proportional set size."""
    total = 0
    for process in processes:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 1e6


class PeakMemory:
    """Samples the memory of processes that carry a run's cookie, and of given trees, as a context."""

    def __init__(self, *pids: int, runs: bool = False, interval: float = 0.1) -> None:
        self._pids = pids
        self._runs = runs
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peak = 0.0

    def _sample(self) -> None:
        while not self._stop.wait(self._interval):
            found = {process.pid: process for pid in self._pids for process in tree_of(pid)}
            if self._runs:
                found |= {process.pid: process for process in with_cookie("JMLOPS_RUN_ID")}
            self.peak = max(self.peak, megabytes(list(found.values())))

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
