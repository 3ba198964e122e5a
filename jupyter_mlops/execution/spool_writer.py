"""The spool writer of a worker: each record is one append to a file that only it writes."""

from __future__ import annotations

import os
import secrets
import threading
import time
from binascii import crc32
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.domain.spool import RECORD_MAX_BYTES, Record

if TYPE_CHECKING:
    from pathlib import Path

_RETRY_SECONDS = 1.0


class SpoolWriter:
    """Writes ``<folder>/worker-<pid>-<8 hex>.spool``; may be used by several threads.

    What was written survives kill -9 of the process. When the disk refuses, records wait in
    memory and are written with a later one: a run goes on.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"worker-{os.getpid()}-{secrets.token_hex(4)}.spool"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, 0o600)
        self._lock = threading.Lock()
        self._waiting = bytearray()
        self._torn = False
        self._retry_at = 0.0

    def write(self, *records: Record) -> None:
        """Append ``records`` at once, in order; raises ValueError for one over 1 MiB."""
        frames = b"".join(map(_frame, records))
        with self._lock:
            self._waiting += frames
            if time.monotonic() >= self._retry_at:
                self._write_waiting()

    def close(self) -> bool:
        """Write what waits and close the file; False when something is lost."""
        with self._lock:
            self._write_waiting()
            # A thread that is late must not write to whatever gets this number next.
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)
            return not self._waiting

    def _write_waiting(self) -> None:
        # A torn record ends in a line of its own, or the next one would be taken for its rest.
        try:
            if self._torn:
                os.write(self._descriptor, b"\n")
                self._torn = False
            while self._waiting:
                written = os.write(self._descriptor, self._waiting)
                whole = self._waiting.rfind(b"\n", 0, written) + 1
                self._torn = whole < written
                del self._waiting[:whole]
                if self._torn:
                    self._retry_at = time.monotonic() + _RETRY_SECONDS
                    return
        except OSError:
            self._retry_at = time.monotonic() + _RETRY_SECONDS


def _frame(record: Record) -> bytes:
    body = msgspec.json.encode(record)
    if len(body) > RECORD_MAX_BYTES:
        raise ValueError(f"a spool record has at most {RECORD_MAX_BYTES} bytes")
    return b"%08x %08x %b\n" % (len(body), crc32(body), body)
