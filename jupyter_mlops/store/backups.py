"""Backups of the embedded store: made whole or not at all, and read through before they count."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jupyter_mlops import durable
from jupyter_mlops.domain.errors import DiskFull, StoreDamaged, Unavailable
from jupyter_mlops.store import backup_reading, failures, soundness
from jupyter_mlops.store.reserve import RESERVE_BYTES

DAILY = "daily"
BY_HAND = "by-hand"
KEPT = 7
# Daily backups take no more than this together, but the newest one stays whatever its size.
KEPT_BYTES = 1 << 30
DAY_SECONDS = 86_400.0
# Whoever opens a store waits for its backup; a larger one is made by housekeeping.
OPENING_BYTES = 128 << 20
# Housekeeping makes nobody wait, but a copy without bound would fill the disk unasked.
UNASKED_BYTES = 1 << 30
_STAMP = "%Y%m%dT%H%M%SZ"
_STAMPED = re.compile(r"\d{8}T\d{6}Z")
_NO_ROOM = "There is no room for the backup."
_FULL = 13
_NOT_WRITABLE = (8, 14)


def name_of(label: str) -> str:
    """Return the name of a backup that is made now; names sort by time."""
    return f"{_stamp(time.time())}-{label}.db"


def new_path(path: Path, label: str) -> Path:
    """Return where a backup that is made now goes, in the folder ``backups`` beside the store."""
    folder = path.parent / "backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        durable.sync_folder(path.parent)
    except OSError as error:
        raise failures.of_operating_system(error) from error
    return folder / name_of(label)


def make(
    connection: sqlite3.Connection, target: Path, interrupted: Callable[[], bool] = lambda: False
) -> None:
    """Copy the store as ``connection`` sees it to the file ``target``.

    The connection is in no transaction, and writers need not wait for it. The copy is durable and
    was read through when this returns; StoreDamaged when it, or the store, is not sound.
    ``interrupted`` is asked all the time, and True ends the work with sqlite3.OperationalError.
    """
    temporary = target.with_name(f".{secrets.token_hex(8)}")
    try:
        _copy(connection, temporary, interrupted)
        durable.sync_file(temporary)
        if backup_reading.read_through(temporary, interrupted) is not None:
            raise StoreDamaged(failures.DAMAGED)
        temporary.replace(target)
        durable.sync_folder(target.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(_NO_ROOM) from error
        raise Unavailable(f"The backup could not be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _copy(connection: sqlite3.Connection, target: Path, interrupted: Callable[[], bool]) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with soundness.interruptible(connection, interrupted):
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        if failures.is_damage(error):
            raise StoreDamaged(failures.DAMAGED) from error
        # The file that cannot be written is the copy: the store is only read.
        code = failures.sqlite_code(error)
        if code == _FULL:
            raise DiskFull(_NO_ROOM) from error
        if code in _NOT_WRITABLE:
            raise Unavailable("The backup could not be written there.") from error
        raise


def available(path: Path) -> list[Path]:
    """Return the backups of a store, the newest first."""
    return sorted((path.parent / "backups").glob("*.db"), key=_age, reverse=True)


def _age(backup: Path) -> tuple[str, int]:
    """Return what sorts backups by time: their names, unless somebody gave them others."""
    try:
        written = backup.stat().st_mtime_ns
    except FileNotFoundError:
        written = 0
    named = _STAMPED.match(backup.name)
    return (named[0] if named else _stamp(written / 1e9)), written


def _stamp(moment: float) -> str:
    return time.strftime(_STAMP, time.gmtime(moment))


def is_due(path: Path, most_bytes: int) -> bool:
    """Tell whether a store that is not larger than that has had no backup for a day.

    A disk on which the copy would leave little room gets none.
    """
    size = path.stat().st_size
    if size > most_bytes or shutil.disk_usage(path.parent).free < 2 * size + RESERVE_BYTES:
        return False
    ages = (abs(time.time() - backup.stat().st_mtime) for backup in available(path))
    return min(ages, default=DAY_SECONDS) >= DAY_SECONDS


def prune(path: Path) -> None:
    """Keep the newest daily backups; those made before an upgrade or by hand stay."""
    total = 0
    daily = [backup for backup in available(path) if backup.stem.endswith(f"-{DAILY}")]
    for place, backup in enumerate(daily):
        with suppress(FileNotFoundError):
            total += backup.stat().st_size
            if place >= KEPT or (place and total > KEPT_BYTES):
                backup.unlink()


def damaged(path: Path) -> StoreDamaged:
    """Return the error of a damaged store, with the way out that there is."""
    try:
        newest = next(iter(available(path)), None)
    except OSError:
        # Nothing of that disk can be read, and whoever asks must be told of it in our words.
        return StoreDamaged(f"{failures.DAMAGED} Its disk cannot be read; look after that first.")
    if newest is None:
        return StoreDamaged(
            f"{failures.DAMAGED} There is no backup in its folder backups; if you have a copy "
            "elsewhere, stop what uses the store and run `jupyter mlops restore --from FILE`."
        )
    stamp, _ = _age(newest)
    made = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]} {stamp[9:11]}:{stamp[11:13]}"
    return StoreDamaged(
        f"{failures.DAMAGED} The newest backup is of {made} UTC: stop what uses the store and run "
        "`jupyter mlops restore`."
    )
