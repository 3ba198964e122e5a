"""What a run used: processor time and peak memory of its process tree."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from jupyter_mlops.execution.process_tree import descendants

# Proportional memory is exact but walks all pages, about 10 ms per GiB; beyond this size the
# pages shared with the launcher no longer matter.
_EXACT_UP_TO_BYTES = 1 << 30


class TreeUsage:
    """Watches the descendants of one process, which is the current one at the end."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0

    def sample(self) -> int:
        """Look at the tree now, about once a second; return the memory that it uses, in bytes."""
        used = sum(map(_memory, descendants(self._pid)))
        self._peak = max(self._peak, used)
        return used

    def exceeds(self, limit: int) -> bool:
        """Tell whether the tree uses more than ``limit`` bytes; cheap while it is far from it."""
        # What processes share counts for each of them here: no less than what they use.
        if sum(map(_resident, descendants(self._pid))) <= limit:
            return False
        return self.sample() > limit

    def peak_memory_bytes(self) -> int:
        """Return the highest memory seen, at least that of the largest process that ended."""
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        unit = 1 if sys.platform == "darwin" else 1024
        return max(self._peak, largest * unit)

    @staticmethod
    def cpu_seconds() -> float:
        """Return user and system time of all descendants that ended and were waited for."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return round(used.ru_utime + used.ru_stime, 3)


def _resident(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0


def _memory(pid: int) -> int:
    with suppress(psutil.Error, OSError):
        resident = psutil.Process(pid).memory_info().rss
        if resident > _EXACT_UP_TO_BYTES:
            return resident
        with suppress(FileNotFoundError):
            return _proportional(Path(f"/proc/{pid}/smaps_rollup").read_text())
        return resident
    return 0


def _proportional(rollup: str) -> int:
    for line in rollup.splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
