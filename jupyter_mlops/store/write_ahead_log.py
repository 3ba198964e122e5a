"""Reading SQLite's write-ahead log to find out whether committed transactions were lost from it.

SQLite takes the first frame with a wrong checksum for the end of the log, as it must after a power
cut, and forgets what follows without a word. Here the two are told apart. Format:
https://www.sqlite.org/fileformat2.html#walformat and https://www.sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC = (0x377F0682, 0x377F0683)
_FRAME_COUNT_OFFSET = 16


@dataclass(frozen=True)
class _Log:
    """The log as bytes, and what its header says."""

    data: bytes
    order: str
    page_size: int
    salt: tuple[int, int]
    checksum: tuple[int, int]

    def frames(self) -> Iterator[tuple[tuple[int, ...], bytes]]:
        size = _FRAME.size + self.page_size
        for start in range(_HEADER.size, len(self.data) - size + 1, size):
            head = _FRAME.unpack_from(self.data, start)
            yield head, self.data[start : start + size]


def lost_commits(path: Path) -> bool:
    """Tell whether the log of a store that nobody has open lost transactions that were committed.

    After a crash of a process alone, the shared index beside the log still says how many frames
    were committed. After a power cut at most the last transaction may be incomplete.
    """
    data = _read(path.with_name(path.name + "-wal"))
    if len(data) <= _HEADER.size:
        return False
    log = _parse(data)
    if log is None:
        # The header is made durable before the first frame is written.
        return True
    whole, commits_after = _walk(log)
    return whole < _committed_frames(path, log) or commits_after > 1


def _parse(data: bytes) -> _Log | None:
    magic, version, page_size, _, salt1, salt2, sum1, sum2 = _HEADER.unpack_from(data)
    if magic not in _MAGIC or version != 3_007_000 or page_size < 512:
        return None
    order = ">" if magic & 1 else "<"
    checksum = _checksum(data[:24], order, (0, 0))
    if checksum != (sum1, sum2):
        return None
    return _Log(data, order, page_size, (salt1, salt2), checksum)


def _walk(log: _Log) -> tuple[int, int]:
    """Return how many frames are whole, and how many commits of this log follow the first bad one."""
    whole, commits_after, checksum, broken = 0, 0, log.checksum, False
    for head, frame in log.frames():
        _, commit, salt1, salt2, sum1, sum2 = head
        current = (salt1, salt2) == log.salt
        if not broken and current:
            checksum = _checksum(frame[:8] + frame[_FRAME.size :], log.order, checksum)
            if checksum == (sum1, sum2):
                whole += 1
                continue
        broken = True
        commits_after += bool(current and commit)
    return whole, commits_after


def _committed_frames(path: Path, log: _Log) -> int:
    """Return the number of committed frames by the shared index; 0 if it is of another log."""
    index = _read(path.with_name(path.name + "-shm"))
    if len(index) < 136 or index[:48] != index[48:96]:
        return 0
    salt = struct.unpack_from(">2I", index, 32)
    frames: int = struct.unpack_from("=I", index, _FRAME_COUNT_OFFSET)[0]
    return frames if salt == log.salt else 0


def _checksum(data: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
