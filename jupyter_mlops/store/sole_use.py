"""Who has the store file open: one process opens at a time, and the first and the last know it.

Two lock files beside the store, both ``flock``: ``store.lock`` is held while opening or closing,
``store.users`` is shared for as long as a store is open. Whoever can have the second one alone may
touch the bytes of the file without SQLite; anybody else must not, because closing a descriptor of a
file drops all POSIX locks that SQLite holds on it in the same process
(https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import failures

_SECONDS = 30.0


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the right to open or close the store; Unavailable when it takes too long to get."""
    lock = _lock_file(path.with_suffix(".lock"))
    try:
        deadline = time.monotonic() + _SECONDS
        while not _try(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise Unavailable(failures.LOCKED)
            time.sleep(0.02)
        yield
    finally:
        os.close(lock)


class Users:
    """This store's share in ``store.users``; taken and given back inside a ``turn``."""

    def __init__(self, path: Path) -> None:
        self._lock = _lock_file(path.with_suffix(".users"))
        self.first = self.alone()

    def alone(self) -> bool:
        """Tell whether nobody else has the store open."""
        alone = _try(self._lock, fcntl.LOCK_EX)
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        return alone

    def leave(self) -> None:
        """Give the share back."""
        os.close(self._lock)


def _lock_file(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise failures.of_operating_system(error) from error


def _try(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
