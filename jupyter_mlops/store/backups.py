"""Backups of the embedded store: made whole or not at all, checked, and put back on demand."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from pathlib import Path

from jupyter_mlops.domain.errors import NotFound, StoreDamaged, Unavailable
from jupyter_mlops.store import damage, durable_files, failures, sqlite
from jupyter_mlops.store.sole_use import Users, turn

KEPT = 7
DAY_SECONDS = 86_400.0
# Larger stores are copied on demand only: making the copy would keep the user waiting.
DAILY_BYTES = 128 << 20
_PARTS = ("", "-wal", "-shm", "-journal")


def make(connection: sqlite3.Connection, path: Path, label: str) -> Path:
    """Copy the store as ``connection`` sees it to the folder ``backups`` and return the copy.

    The connection is in no transaction. The copy is durable and was read through when this
    returns; StoreDamaged when it is not sound.
    """
    folder = path.parent / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{label}.db"
    temporary = folder / f".{secrets.token_hex(8)}"
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection.execute("VACUUM INTO ?", (str(temporary),))
        durable_files.sync_file(temporary)
        if not is_sound(temporary):
            raise StoreDamaged(failures.DAMAGED)
        temporary.replace(target)
        durable_files.sync_folder(folder)
        durable_files.sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)
    return target


def is_sound(path: Path) -> bool:
    """Read a backup through and tell whether it is a whole store."""
    try:
        copy = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error:
        return False
    try:
        whole = copy.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
        owned = copy.execute("PRAGMA foreign_key_check").fetchone() is None
        mark = copy.execute("PRAGMA application_id").fetchone()
        return whole and owned and mark == (sqlite.APPLICATION_ID,)
    except sqlite3.DatabaseError:
        return False
    finally:
        copy.close()


def available(path: Path) -> list[Path]:
    """Return the backups of a store, the newest first."""
    return sorted((path.parent / "backups").glob("*.db"), reverse=True)


def is_due(path: Path) -> bool:
    """Tell whether a store of ordinary size has had no backup for a day."""
    if path.stat().st_size > DAILY_BYTES:
        return False
    ages = (abs(time.time() - backup.stat().st_mtime) for backup in available(path))
    return min(ages, default=DAY_SECONDS) >= DAY_SECONDS


def prune(path: Path) -> None:
    """Keep the newest backups; older ones go, those made before an upgrade stay."""
    daily = [backup for backup in available(path) if "-before-" not in backup.name]
    for backup in daily[KEPT:]:
        backup.unlink(missing_ok=True)


def restore(path: Path, backup: Path) -> Path:
    """Put a backup in the place of the store; return the folder that now holds the old files.

    Nothing is deleted. Unavailable while any process has the store open.
    """
    if not is_sound(backup):
        raise NotFound("This backup cannot be used: it is missing or damaged.")
    with turn(path):
        users = Users(path)
        try:
            if not users.first:
                raise Unavailable("Stop every server that uses the store, then restore it.")
            return _exchange(path, backup)
        finally:
            users.leave()


def _exchange(path: Path, backup: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = path.parent / f"damaged-{stamp}-{secrets.token_hex(2)}"
    aside.mkdir(mode=0o700)
    copy = path.with_name(f".restored-{secrets.token_hex(8)}")
    shutil.copyfile(backup, copy)
    copy.chmod(0o600)
    durable_files.sync_file(copy)
    durable_files.remove(damage.seal_path(path))
    for part in _PARTS:
        piece = path.with_name(path.name + part)
        if piece.exists():
            piece.rename(aside / piece.name)
    durable_files.sync_folder(aside)
    copy.replace(path)
    durable_files.sync_folder(path.parent)
    return aside
