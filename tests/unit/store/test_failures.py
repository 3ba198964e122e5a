"""Failures of the engines, as errors that say what to do."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from jupyter_mlops.domain.errors import (
    DiskFull,
    InvalidRequest,
    MlopsError,
    StoreDamaged,
    Unavailable,
)
from jupyter_mlops.store import failures


def wrapped(cause: Exception) -> DBAPIError:
    return OperationalError("SELECT secret-7f3a", {"value": "7f3a"}, cause)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("database or disk is full", DiskFull),
        ("database disk image is malformed", StoreDamaged),
        ("malformed database schema (runs)", StoreDamaged),
        ("file is not a database", StoreDamaged),
        ("disk I/O error", Unavailable),
        ("database is locked", Unavailable),
        ("database table is locked: runs", Unavailable),
        ("attempt to write a readonly database", Unavailable),
        ("unable to open database file", Unavailable),
        ("interrupted", Unavailable),
    ],
)
def test_sqlite_is_understood_by_its_words_where_python_hides_its_codes(
    message: str, kind: type[MlopsError]
) -> None:
    assert type(failures.translate(wrapped(sqlite3.OperationalError(message)))) is kind


def test_sqlite_is_understood_by_its_codes() -> None:
    error = sqlite3.OperationalError("any words at all")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL if hasattr(sqlite3, "SQLITE_FULL") else 13
    assert type(failures.translate(wrapped(error))) is DiskFull
    error.sqlite_errorcode = 10 | (4 << 8)  # SQLITE_IOERR_FSYNC
    failure = failures.translate(wrapped(error))
    assert failure is not None
    assert failures.is_io_error(failure)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (psycopg.errors.DiskFull(), DiskFull),
        (psycopg.errors.DataCorrupted(), StoreDamaged),
        (psycopg.errors.LockNotAvailable(), Unavailable),
        (psycopg.errors.QueryCanceled(), Unavailable),
        (psycopg.errors.DeadlockDetected(), Unavailable),
        (psycopg.errors.AdminShutdown(), Unavailable),
        (psycopg.errors.TooManyConnections(), Unavailable),
        (psycopg.errors.NumericValueOutOfRange(), InvalidRequest),
        (psycopg.OperationalError("connection failed"), Unavailable),
    ],
)
def test_postgresql_is_understood_by_its_states(error: Exception, kind: type[MlopsError]) -> None:
    assert type(failures.translate(wrapped(error))) is kind


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, sqlite3.IntegrityError("FOREIGN KEY constraint failed")),
        wrapped(psycopg.errors.SyntaxError()),
        wrapped(sqlite3.OperationalError("no such table: runs")),
        ValueError("anything"),
    ],
)
def test_a_defect_of_ours_is_no_failure_of_the_engine(error: Exception) -> None:
    assert failures.translate(error) is None


def test_no_message_repeats_a_statement_or_a_value() -> None:
    for cause in (sqlite3.OperationalError("disk I/O error 7f3a"), psycopg.errors.DiskFull("7f3a")):
        failure = failures.translate(wrapped(cause))
        assert failure is not None
        assert "7f3a" not in failure.message


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, Unavailable),
        (errno.EROFS, Unavailable),
        (errno.EIO, Unavailable),
    ],
)
def test_the_operating_system_is_understood_by_its_numbers(
    number: int, kind: type[MlopsError]
) -> None:
    assert type(failures.of_operating_system(OSError(number, "x"))) is kind
