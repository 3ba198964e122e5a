"""Bytes that processes hand to the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.memory import tree_of


class Written:
    """What was written, known once the work is done."""

    megabytes = 0.0


@contextmanager
def written_by(pid: int | None = None) -> Iterator[Written]:
    """Count what a process and its descendants, else the children of this one, write meanwhile.

    Linux adds the account of a process to that of the parent which collects it, see
    `/proc/<pid>/io` in proc(5): whoever began and ended in between is counted to the last byte.
    """
    root = os.getpid() if pid is None else pid
    written = Written()
    before = _bytes(root)
    yield written
    written.megabytes = (_bytes(root) - before) / 1e6


def _bytes(root: int) -> int:
    total = 0
    for process in tree_of(root):
        try:
            total += process.io_counters().write_bytes
        except psutil.Error:
            continue
    return total
