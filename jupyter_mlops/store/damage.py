"""Noticing a damaged store file before anything is built on it (durability row D9).

SQLite keeps no checksums of its pages, so a store that is closed properly gets a seal: the digest
of the file. Without one, after a crash, the structure of the file and the log beside it are
checked. Nothing here changes or removes a file of the store.
"""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import msgspec

from jupyter_mlops import durable
from jupyter_mlops.store import backups, sqlite, write_ahead_log

# Above this size the checks would keep the user waiting; the structure is checked in use anyway.
CHECKED_BYTES = 512 << 20
_MAGIC = b"SQLite format 3\0"
_CHUNK = 1 << 20


class Seal(msgspec.Struct, frozen=True):
    """What a properly closed file looked like; ``size`` in bytes."""

    size: int
    sha256: str


def seal_path(path: Path) -> Path:
    """Return where the seal of a store file lies."""
    return path.with_suffix(".seal")


def check_closed(path: Path) -> bool:
    """Check a file that nobody has open, and tell whether its seal vouched for every byte.

    Raises StoreDamaged. The seal is removed: from now on the file changes.
    """
    _check_header(path)
    seal = _read_seal(path)
    vouched = False
    if seal is not None and not path.with_name(path.name + "-wal").exists():
        if path.stat().st_size != seal.size or _digest(path) != seal.sha256:
            raise backups.damaged(path)
        vouched = True
    durable.remove(seal_path(path))
    if not vouched and write_ahead_log.lost_commits(path):
        raise backups.damaged(path)
    return vouched


def check_structure(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreDamaged unless SQLite finds the structure of the file sound."""
    if path.stat().st_size <= CHECKED_BYTES and not sqlite.quick_check(connection):
        raise backups.damaged(path)


def seal(path: Path) -> None:
    """Seal a file that nobody has open any more."""
    size = path.stat().st_size
    if size <= CHECKED_BYTES and not path.with_name(path.name + "-wal").exists():
        mark = Seal(size=size, sha256=_digest(path))
        durable.write(seal_path(path), msgspec.json.encode(mark))


def _read_seal(path: Path) -> Seal | None:
    try:
        return msgspec.json.decode(seal_path(path).read_bytes(), type=Seal)
    except (FileNotFoundError, msgspec.DecodeError):
        # A seal that cannot be read vouches for nothing; the structure is checked instead.
        return None


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _has_journal(path: Path) -> bool:
    try:
        return path.with_name(path.name + "-journal").stat().st_size > 0
    except FileNotFoundError:
        return False


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(100)
    # A power cut in the first transaction leaves nothing, or a journal that takes back what came.
    if not header or (not any(header) and _has_journal(path)):
        return
    ours = int.from_bytes(header[68:72], "big") == sqlite.APPLICATION_ID
    # A store whose first transaction is still in the log has a header without our mark.
    blank = header[68:72] == bytes(4)
    if len(header) < 100 or not header.startswith(_MAGIC) or not (ours or blank):
        raise backups.damaged(path)
