"""Bytes on their way in: in memory while they are few, else in a file that nobody sees yet."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_mlops.artifacts.disk_errors import disk_errors
from jupyter_mlops.domain.errors import InvalidRequest

# What is not larger is handled as one piece, on its way in and out.
SMALL_BYTES = 256 * 1024
# So much waits in memory before the disk is told to begin with it.
_WRITE_BACK_BYTES = 8 << 20
# POSIX promises that one call takes as many.
_PIECES_IN_CALL = 16


class Incoming:
    """Bytes that arrive piece by piece; ``discard`` leaves nothing of what is not kept.

    Those of which more are ``declared`` than a few get a file in ``folder`` at once, null for an
    unknown number. Whoever sends them may go away while a thread writes: one step at a time, or the
    number of the file that is closed would come to mean another one under that thread.
    """

    def __init__(self, folder: Path, declared: int | None) -> None:
        self.size = 0
        self.temporary = new_name(folder)
        self._digest = hashlib.sha256()
        self._lock = threading.Lock()
        self._ended = False
        self._small = b""
        self._file: int | None = None
        self._written = 0
        self._begun = 0
        if declared is None or declared > SMALL_BYTES:
            with disk_errors():
                self._file = new_file(self.temporary)

    @property
    def hexdigest(self) -> str:
        """The sha256 of what arrived in a file so far."""
        return self._digest.hexdigest()

    def write(self, *pieces: bytes | bytearray) -> None:
        """Add what arrived; DiskFull or Unavailable when it cannot be written."""
        with self._one_step():
            size = sum(map(len, pieces))
            if self._file is None and self.size + size <= SMALL_BYTES:
                self._small = b"".join((self._small, *pieces))
            else:
                self._add(self._in_file(), pieces)
            self.size += size

    def wait_on_disk(self) -> None:
        """Hold no bytes in memory: what arrived is not looked at for a while."""
        with self._one_step():
            self._in_file()

    @contextmanager
    def whole(self) -> Iterator[int | bytes]:
        """Give the file with all that arrived in it, to be kept, and close it; few are just bytes."""
        with self._one_step():
            try:
                yield self._small if self._file is None else self._file
            finally:
                self._end()

    def discard(self) -> None:
        """Forget what arrived, unless it is kept already."""
        with self._lock:
            with suppress(OSError):
                self._end()
            with suppress(OSError):
                self.temporary.unlink()

    def _in_file(self) -> int:
        """Return the file, made now if it was not needed before."""
        if self._file is None:
            self._file = new_file(self.temporary)
            small, self._small = self._small, b""
            self._add(self._file, (small,))
        return self._file

    def _add(self, file: int, pieces: Sequence[bytes | bytearray]) -> None:
        write_all(file, pieces)
        for piece in pieces:
            self._digest.update(piece)
        self._written += sum(map(len, pieces))
        if self._written - self._begun >= _WRITE_BACK_BYTES:
            _begin_write_back(file, self._begun, self._written)
            self._begun = self._written

    def _end(self) -> None:
        if not self._ended:
            self._ended = True
            if self._file is not None:
                os.close(self._file)

    @contextmanager
    def _one_step(self) -> Iterator[None]:
        with self._lock, disk_errors():
            if self._ended:
                raise InvalidRequest("The file did not arrive whole; send it again.")
            yield


def new_name(folder: Path) -> Path:
    """Return a name that no file has; what is left under it by a process that died is swept."""
    return folder / f"blob-{secrets.token_hex(16)}"


def new_file(path: Path) -> int:
    """Make a file that nobody but its owner sees, and return its descriptor."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def write_all(file: int, pieces: Sequence[bytes | bytearray]) -> None:
    """Write pieces one behind the other, in as few calls as they take."""
    left = [memoryview(piece) for piece in pieces if piece]
    while left:
        written = os.writev(file, left[:_PIECES_IN_CALL])
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]


def _begin_write_back(file: int, start: int, stop: int) -> None:
    """Have the disk begin with what was written: all of it at the end would take the client's time.

    Linux does so when it is told that the bytes are not needed soon, and waits for nothing; it keeps
    what is not written yet. Elsewhere the last fsync does all the work, here it does the rest.
    """
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, start, stop - start, os.POSIX_FADV_DONTNEED)
