"""Sixteen megabytes kept back on the disk, so that a full one still has room for cleaning up."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

RESERVE_BYTES = 16 << 20
# The reserve is made only where it is a small part of what is free.
_WANTED_FREE_BYTES = 4 * RESERVE_BYTES
_RETRY_SECONDS = 60.0


class Reserve:
    """The file ``reserve`` beside the store."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "reserve"
        self._tried = float("-inf")

    def make(self) -> None:
        """Make the reserve if it is missing and the disk has room; looked at once a minute."""
        now = time.monotonic()
        if now - self._tried < _RETRY_SECONDS:
            return
        self._tried = now
        if self._path.exists():
            return
        try:
            if shutil.disk_usage(self._path.parent).free >= _WANTED_FREE_BYTES:
                _fill(self._path)
        except OSError:
            # A disk without room for it is the normal reason; the store works without.
            self._path.unlink(missing_ok=True)

    def spend(self) -> None:
        """Give the reserve to whoever cleans up, when the disk has less than that left."""
        if shutil.disk_usage(self._path.parent).free < RESERVE_BYTES:
            self._path.unlink(missing_ok=True)
            self._tried = time.monotonic()


def _fill(path: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(path, flags, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file, 0, RESERVE_BYTES)
        else:
            for _ in range(RESERVE_BYTES >> 20):
                os.write(file, bytes(1 << 20))
    finally:
        os.close(file)
