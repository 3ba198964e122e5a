"""What went wrong in an engine, as one of our errors: disk full, damaged, locked, read-only, away."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from sqlalchemy import exc

from jupyter_mlops.domain.errors import (
    DiskFull,
    InvalidRequest,
    MlopsError,
    StoreDamaged,
    Unavailable,
)

DISK_FULL = (
    "The disk of the store is full; nothing was half-written. "
    "Free some space and repeat; runs that are under way lose nothing."
)
DAMAGED = "The store file is damaged. It was left as it is."
IO_ERROR = (
    "The disk reported an error; this change was not made. Check the disk, then repeat the change."
)
LOCKED = "Another process keeps the store locked; try again in a moment."
READ_ONLY = "The store cannot be written: check the permissions of its folder and file."
AWAY = "The database cannot be reached; try again in a moment."
TOO_SLOW = "The store took too long to answer; ask for less, or try again in a moment."
TOO_LARGE = "This asks for too much at once; name fewer conditions, values or orders."
OUT_OF_BOUNDS = "A number is outside of 64 bits, or a text cannot be stored."

# The shared index of the log grows by half of this.
_ROOM_BYTES = 64 << 10

# Primary result codes of SQLite (https://www.sqlite.org/rescode.html), and the text by which
# Python 3.10, which hides the code, lets them be told apart.
_SQLITE_CODES: dict[int, tuple[type[MlopsError], str]] = {
    5: (Unavailable, LOCKED),
    6: (Unavailable, LOCKED),
    8: (Unavailable, READ_ONLY),
    9: (Unavailable, TOO_SLOW),
    10: (Unavailable, IO_ERROR),
    11: (StoreDamaged, DAMAGED),
    13: (DiskFull, DISK_FULL),
    14: (Unavailable, READ_ONLY),
    15: (Unavailable, LOCKED),
    18: (InvalidRequest, TOO_LARGE),
    26: (StoreDamaged, DAMAGED),
}
_SQLITE_TEXTS = {
    "is locked": 5,
    "readonly database": 8,
    "interrupted": 9,
    "disk I/O error": 10,
    "malformed": 11,
    "disk is full": 13,
    "unable to open": 14,
    "locking protocol": 15,
    "not a database": 26,
}

# SQLSTATE classes of PostgreSQL (appendix A of its manual), longest match first.
_SQLSTATES: dict[str, tuple[type[MlopsError], str]] = {
    "53100": (DiskFull, DISK_FULL),
    "58030": (Unavailable, IO_ERROR),
    "55P03": (Unavailable, LOCKED),
    "40": (Unavailable, LOCKED),
    "XX001": (StoreDamaged, "The database reports damaged data; ask its administrator."),
    "XX002": (StoreDamaged, "The database reports a damaged index; ask its administrator."),
    "25006": (Unavailable, READ_ONLY),
    "57014": (Unavailable, TOO_SLOW),
    "22": (InvalidRequest, OUT_OF_BOUNDS),
}


def translate(error: BaseException) -> MlopsError | None:
    """Return the error that a client may see for a failure of an engine, None for a bug of ours."""
    if isinstance(error, exc.TimeoutError):
        return Unavailable(LOCKED)
    if isinstance(error, OverflowError):
        return InvalidRequest(OUT_OF_BOUNDS)
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(cause, OverflowError):
        return InvalidRequest(OUT_OF_BOUNDS)
    if isinstance(cause, sqlite3.Error):
        found = _SQLITE_CODES.get(sqlite_code(cause))
    else:
        found = _of_postgresql(error, cause)
    return None if found is None else found[0](found[1])


def of_operating_system(error: OSError) -> MlopsError:
    """Return the error that a client may see for a file of the store that could not be handled."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(DISK_FULL)
    return Unavailable(IO_ERROR if error.errno == errno.EIO else READ_ONLY)


def sqlite_code(error: sqlite3.Error) -> int:
    """Return the primary result code of an error of SQLite, 0 when it cannot be told."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF
    text = str(error)
    return next((code for part, code in _SQLITE_TEXTS.items() if part in text), 0)


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error of SQLite speaks of the file, not of the disk, a lock or its end."""
    found = _SQLITE_CODES.get(sqlite_code(error))
    return found is not None and found[0] is StoreDamaged


def is_io_error(error: MlopsError) -> bool:
    """Tell whether the disk failed: the connection that saw it must not be used again."""
    return error.message == IO_ERROR


def with_regard_to_room(failure: MlopsError, folder: Path) -> MlopsError:
    """Return DiskFull for an error of the disk that is none: SQLite cannot tell each of them."""
    if is_io_error(failure):
        with suppress(OSError):
            if shutil.disk_usage(folder).free < _ROOM_BYTES:
                return DiskFull(DISK_FULL)
    return failure


def _of_postgresql(
    error: BaseException, cause: BaseException | None
) -> tuple[type[MlopsError], str] | None:
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        for prefix, found in _SQLSTATES.items():
            if state.startswith(prefix):
                return found
        # Connection exceptions, shutdown by an operator, too many connections.
        if state[:2] in {"08", "57", "53"}:
            return Unavailable, AWAY
        return None
    away = isinstance(error, exc.DBAPIError) and error.connection_invalidated
    refused = type(cause).__name__ in {"OperationalError", "ConnectionTimeout"}
    return (Unavailable, AWAY) if away or refused else None
