"""Marks on stored bytes that are to go: a day's grace, and no race with bytes that come back."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_mlops.artifacts.durable_folders import make_folder

KEPT_SECONDS = 86_400.0


class Tombstones:
    """Empty files named by the digits of a digest; their time of change is the time of the mark."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tombstones"
        self._lock = folder / "collect.lock"
        make_folder(self._folder)

    def bury(self, hexdigest: str) -> None:
        """Mark bytes; an older mark stays."""
        with suppress(FileExistsError):
            (self._folder / hexdigest).touch(mode=0o600, exist_ok=False)

    def lift(self, hexdigest: str) -> None:
        """Take a mark away."""
        (self._folder / hexdigest).unlink(missing_ok=True)

    def covers(self, hexdigest: str) -> bool:
        """Tell whether bytes are marked."""
        return (self._folder / hexdigest).exists()

    def older_than(self, seconds: float) -> list[str]:
        """Return the digits of all marks that are at least this old."""
        limit = time.time() - seconds
        found = []
        for path in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= limit:
                    found.append(path.name)
        return found

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold off removals, of any process, while bytes are put in place."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold off everybody who puts bytes in place, while some are removed."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def _held(self, kind: int) -> Iterator[None]:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self._lock, flags, 0o600)
        try:
            fcntl.flock(file, kind)
            yield
        finally:
            os.close(file)
