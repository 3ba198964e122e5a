"""The spool writer: each record is one append to a file that only this process writes.

Protocol: ``b"%08x %08x " % (len(json), crc32(json)) + json + b"\\n"`` (`domain/spool.py`). Once
`append` has returned True the record survives kill -9 of this process. A process that was forked
writes a file of its own. When the disk refuses, records wait in memory, up to 8 MiB. The directory
of a run that this process opened is put back when it is gone: a server that could not see the
process took the run for lost.
"""

from __future__ import annotations

import atexit
import errno
import os
import time
from binascii import crc32
from contextlib import suppress
from pathlib import Path
from threading import RLock

from jupyter_mlops.home import make_private
from jupyter_mlops.kernel.notices import notice

RECORD_MAX_BYTES = 1 << 20
HELD_MAX_BYTES = 8 << 20
RETRY_SECONDS = 1.0


class SpoolWriter:
    """Appends records to ``<folder>/kernel-<pid>-<8 hex>.spool``; safe in threads and after fork."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._opener: int | None = None
        self._opening = b""
        self._begin()

    def settle(self, folder: Path, opening: bytes) -> None:
        """Go on in ``folder``, to which the present one was renamed; ``opening`` began the run."""
        self.folder = folder
        self._opener, self._opening = os.getpid(), _framed(opening)

    def _begin(self) -> None:
        # Re-entrant, because a signal handler or a finalizer may log while its thread is logging.
        self._lock = RLock()
        self._pid = os.getpid()
        self._file: int | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._refused = 0
        self._retry_at = 0.0

    def restore(self) -> None:
        """Put the run directory back if this process opened the run and its folder is gone."""
        if self._opener != os.getpid():
            return
        with self._lock, suppress(OSError):  # the next record tells what is wrong
            if not self.folder.exists():
                self._drop_file()
                self._file = self._open()

    def append(self, body: bytes) -> bool:
        """Write one JSON record; True when it is in the file. Never raises for a sick disk."""
        if len(body) > RECORD_MAX_BYTES:
            notice(
                f"A record of {len(body)} bytes was not written: the limit is "
                f"{RECORD_MAX_BYTES} bytes. Log large things as an artifact.",
                once=f"large {self.folder}",
            )
            return False
        if self._pid != os.getpid():
            # A forked child: file, lock and waiting records are the parent's.
            self._begin()
        record = _framed(body)
        with self._lock:
            if self._held and not self._write_held(patiently=True):
                self._hold(record)
                return False
            if self._write(record):
                return True
            self._hold(record)
            return False

    def flush(self) -> bool:
        """Bring what waits in memory and in the system's cache to the disk; True when it is there."""
        if self._pid != os.getpid():
            self._begin()
        with self._lock:
            if not self._write_held(patiently=False):
                return False
            if self._file is not None:
                try:
                    os.fsync(self._file)
                except OSError as error:
                    self._complain(error)
                    return False
        return True

    def close(self) -> None:
        """Flush, say what was lost, and let go of the file; a later `append` opens a new one."""
        self.flush()
        with self._lock:
            lost = len(self._held) + self._refused
            if lost:
                notice(f"{lost} records could not be written to {self.folder} and are lost.")
            self._drop_file()
            self._held, self._held_bytes, self._refused = [], 0, 0

    def _write(self, record: bytes) -> bool:
        try:
            if self._file is None:
                self._file = self._open()
            if os.write(self._file, record) == len(record):
                # A file without a name is read by nobody.
                if self._opener is None or os.fstat(self._file).st_nlink:
                    return True
                self._drop_file()
                self._file = self._open()
                if not os.fstat(self._file).st_size and self._opener == self._pid:
                    record = self._opening + record
                if os.write(self._file, record) == len(record):
                    return True
            # The disk filled up within the record. Its torn head ends this file: the reader
            # would take the next record for a part of it.
            self._drop_file()
            self._complain(None)
        except OSError as error:
            # Nothing was written: a file on a full disk is still whole and of use.
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                self._drop_file()
            self._complain(error)
        return False

    def _open(self) -> int:
        try:
            return self._open_in(self.folder)
        except FileNotFoundError:
            if self._opener != self._pid:
                raise
            return self._open_anew()

    def _open_in(self, folder: Path) -> int:
        name = f"kernel-{self._pid}-{os.urandom(4).hex()}.spool"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        file = os.open(folder / name, flags, 0o600)
        os.fchmod(file, 0o600)
        return file

    def _open_anew(self) -> int:
        """Put the run directory back, complete and with its first record, as it first appeared."""
        run = self.folder.parent
        staging = run.parents[1] / "tmp" / f"run-{run.name}-{os.urandom(4).hex()}"
        for folder in (run.parent, staging / "spool", staging / "staged"):
            make_private(folder)
        file = self._open_in(staging / "spool")
        try:
            if os.write(file, self._opening) != len(self._opening):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            staging.rename(run)
        except OSError:
            from shutil import rmtree  # noqa: PLC0415 (a rare need, and slow to import)

            os.close(file)
            rmtree(staging, ignore_errors=True)
            raise
        notice(
            f"The folder of this run was taken away and is made anew: {run}. What was logged "
            "before is kept where a server took it in.",
            once=f"gone {run}",
        )
        return file

    def _drop_file(self) -> None:
        if self._file is None:
            return
        file, self._file = self._file, None
        # Whatever was to be learned from this descriptor, the write has told already.
        with suppress(OSError):
            os.close(file)

    def _hold(self, record: bytes) -> None:
        if self._held_bytes + len(record) > HELD_MAX_BYTES:
            self._refused += 1
            return
        if not self._held:
            self._retry_at = time.monotonic() + RETRY_SECONDS
            atexit.unregister(self.close)
            atexit.register(self.close)
        self._held.append(record)
        self._held_bytes += len(record)

    def _write_held(self, *, patiently: bool) -> bool:
        if patiently and time.monotonic() < self._retry_at:
            return False
        while self._held:
            if not self._write(self._held[0]):
                self._retry_at = time.monotonic() + RETRY_SECONDS
                return False
            self._held_bytes -= len(self._held.pop(0))
        return True

    def _complain(self, error: OSError | None) -> None:
        reason = "the disk is full" if error is None else error.strerror or str(error)
        notice(
            f"Tracking cannot write to {self.folder}: {reason}. Values wait in memory "
            "(up to 8 MiB) and are written when it works again.",
            once=f"disk {self.folder}",
        )


def _framed(body: bytes) -> bytes:
    return b"%08x %08x %b\n" % (len(body), crc32(body), body)
