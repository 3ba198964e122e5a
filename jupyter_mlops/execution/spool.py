"""The spool reader: takes complete records from a writer's file, whatever a crash left in it.

The frame is described in `domain/spool.py`. A record is one line, so the reader finds its way
again after damage at the next line end.
"""

from __future__ import annotations

import os
import stat
from binascii import crc32
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.domain.spool import FRAME_HEADER_BYTES, RECORD_MAX_BYTES, Record, RunClosed

if TYPE_CHECKING:
    from pathlib import Path

_LINE_MAX_BYTES = FRAME_HEADER_BYTES + RECORD_MAX_BYTES + 1
# More than a closing record has: its message is of 1,000 characters, of 12 bytes in JSON at most.
_CLOSING_BYTES = 32_768
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class SpoolBatch(msgspec.Struct, frozen=True):
    """Records in the order of writing, and the offsets behind each; read on at ``next_offset``.

    ``damages`` are the offsets of what was skipped.
    """

    records: list[Record]
    ends: list[int]
    next_offset: int
    damages: list[int]

    @property
    def damaged(self) -> int:
        """How many damaged records were skipped."""
        return len(self.damages)


def read_records(path: Path, offset: int, limit_bytes: int = 4 << 20) -> SpoolBatch:
    """Return the records from ``offset`` on, about ``limit_bytes`` of them.

    A last record without its line end is still being written, or was torn by a crash: it is left
    for the next call. Raises OSError, also when ``path`` is a link or no regular file.
    """
    data = _read(path, offset, max(limit_bytes, _LINE_MAX_BYTES))
    records: list[Record] = []
    ends: list[int] = []
    damages: list[int] = []
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        record = _record(data[start:end])
        if record is None:
            damages.append(offset + start)
        else:
            records.append(record)
            ends.append(offset + end + 1)
        start = end + 1
    if len(data) - start >= _LINE_MAX_BYTES:
        # No record is that long. Its end, once there is one, counts as damage again.
        damages.append(offset + start)
        start = len(data)
    return SpoolBatch(records, ends, offset + start, damages)


def read_closing(path: Path) -> RunClosed | None:
    """Return the record that closes the run, if it is at the end of this spool; raises OSError.

    However long the spool is, only its end is read: nobody writes behind that record.
    """
    data = _read(path, max(0, path.lstat().st_size - _CLOSING_BYTES), _CLOSING_BYTES)
    for line in reversed(data.split(b"\n")[:-1]):
        record = _record(line)
        if record is not None:
            return record if isinstance(record, RunClosed) else None
    return None


def _read(path: Path, offset: int, size: int) -> bytes:
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(f"{path.name} is not a regular file")
        return os.pread(file.fileno(), size, offset)


def _record(line: bytes) -> Record | None:
    body = line[FRAME_HEADER_BYTES:]
    if line[:FRAME_HEADER_BYTES] != b"%08x %08x " % (len(body), crc32(body)):
        return None
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
