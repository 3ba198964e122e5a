"""Marks on stored bytes that are to go: a day's grace, and no race with bytes that come back."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from jupyter_mlops.artifacts.disk_errors import disk_errors
from jupyter_mlops.durable import make_folder

KEPT_SECONDS = 86_400.0
_PAUSE_SECONDS = 0.01


class Tombstones:
    """Empty files named by the digits of a digest; their time of change is the time of the mark."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "tombstones"
        self._lock = folder / "collect.lock"
        self._naming = folder / "naming.lock"
        make_folder(self._folder)
        for path in (self._lock, self._naming):
            # On a full disk they could not be made.
            with _opened(path):
                pass

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

    def known(self) -> set[str]:
        """Return the digits of all marks."""
        return {path.name for path in self._folder.iterdir()}

    def shared(self) -> AbstractContextManager[None]:
        """Hold off removals, of any process, while bytes are put in place."""
        return _held(self._lock, fcntl.LOCK_SH)

    def alone(self) -> AbstractContextManager[None]:
        """Hold off everybody who puts bytes in place, while some are removed."""
        return _held(self._lock, fcntl.LOCK_EX)

    def naming(self) -> AbstractContextManager[None]:
        """Hold off purges, of any process, from putting bytes until a row names them."""
        return _held(self._naming, fcntl.LOCK_SH)

    @contextmanager
    def settled(self, patience: float) -> Iterator[bool]:
        """Give True while nobody is between bytes and their row, False if that is not to be had.

        It waits for so many seconds at most: a large file may take minutes from bytes to row.
        """
        with _opened(self._naming) as file:
            yield _locked_within(file, patience)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with disk_errors():
        file = os.open(path, flags, 0o600)
    try:
        yield file
    finally:
        # Closing lets go of the lock.
        os.close(file)


@contextmanager
def _held(path: Path, kind: int) -> Iterator[None]:
    with _opened(path) as file:
        with disk_errors():
            fcntl.flock(file, kind)
        yield


def _locked_within(file: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_PAUSE_SECONDS)
        else:
            return True
