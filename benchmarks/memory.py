"""Memory of process trees, mostly as proportional set size: shared pages count once."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType

import psutil
from typing_extensions import Self


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


class _Sampler(ABC):
    """Takes samples in a thread while the context is open."""

    def __init__(self, interval: float = 0.1) -> None:
        self._interval = interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    @abstractmethod
    def sample(self) -> None:
        """Look once."""

    def _work(self) -> None:
        while not self._stop.wait(self._interval):
            self.sample()

    def __enter__(self) -> Self:
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


class PeakMemory(_Sampler):
    """The peak of a process tree and of all that carry a run's cookie, in megabytes."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.peak = 0.0

    def sample(self) -> None:
        """Compare the sum of all with the greatest so far."""
        found = {process.pid: process for process in tree_of(self._pid)}
        found |= {process.pid: process for process in with_cookie("JMLOPS_RUN_ID")}
        self.peak = max(self.peak, megabytes(list(found.values())))


class WorkerPeak(_Sampler):
    """The greatest resident size of a process that drives a notebook, its kernel left out.

    ``runs`` is the folder of the run directories: workers are the children of reapers.
    """

    def __init__(self, runs: Path) -> None:
        super().__init__()
        self._runs = runs
        self.megabytes = 0.0

    def sample(self) -> None:
        """Compare each worker with the greatest so far."""
        for identity in self._runs.glob("*/reaper.json"):
            try:
                reaper = psutil.Process(json.loads(identity.read_text())["pid"])
                for worker in reaper.children():
                    self.megabytes = max(self.megabytes, worker.memory_info().rss / 1e6)
            except (OSError, ValueError, psutil.Error):
                continue  # it has just begun, or ended
