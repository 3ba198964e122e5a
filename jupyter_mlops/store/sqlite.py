"""The embedded engine: one file, its settings, one connection that writes and some that read."""

from __future__ import annotations

import math
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool, StaticPool

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store.kept_connections import FAVOURITE

# "JMLO": tells our file from any other SQLite file (https://www.sqlite.org/fileformat.html).
APPLICATION_ID = 0x4A4D4C4F
MINIMUM_VERSION = (3, 37, 0)  # STRICT tables
BUSY_TIMEOUT_MS = 10_000
READERS = 8
READ_SECONDS = 5.0
# What SQLite keeps of a file in memory by itself is 2 MB for each connection.
_FAVOURITE_CACHE_KB = 8_000
_STEPS_BETWEEN_LOOKS = 20_000
_DEADLINE = "mlops.deadline"
_DRIVER = "mlops.driver"
_READS = "mlops_reads"
_JOURNAL_LIMIT_BYTES = 64 << 20


def check_version() -> None:
    """Raise Unavailable unless the linked SQLite knows STRICT tables, and JSON."""
    if sqlite3.sqlite_version_info < MINIMUM_VERSION:
        wanted = ".".join(map(str, MINIMUM_VERSION))
        raise Unavailable(
            f"This Python is linked with SQLite {sqlite3.sqlite_version}; {wanted} or newer is "
            "needed. Use a newer Python."
        )

    with closing(sqlite3.connect(":memory:")) as connection:
        check_json(connection)


def check_json(connection: sqlite3.Connection) -> None:
    """Raise Unavailable unless SQLite reads and writes JSON, which some were built without."""
    try:
        connection.execute("SELECT json_group_object('a', value) FROM json_each('[1]')")
    except sqlite3.DatabaseError:
        raise Unavailable(
            f"The SQLite {sqlite3.sqlite_version} of this Python was built without JSON. "
            "Use another Python."
        ) from None


def connect(
    path: Path, *, writable: bool = True, exclusive: bool = False, query_only: bool = False
) -> sqlite3.Connection:
    """Open the existing file with all settings; ``exclusive`` is for network file systems."""
    mode = "rw" if writable else "ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_MS / 1000,
        # No transaction that we did not begin: "begin" of the engine decides which kind.
        isolation_level=None,
        # One thread at a time uses a connection; the pool and the write lock see to it.
        check_same_thread=False,
    )
    try:
        _configure(connection, writable=writable, exclusive=exclusive)
        if query_only:
            connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, *, writable: bool, exclusive: bool) -> None:
    _bound(connection)
    run = connection.execute
    run(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    run("PRAGMA trusted_schema=OFF")
    run("PRAGMA cell_size_check=ON")
    run("PRAGMA foreign_keys=ON")
    run("PRAGMA mmap_size=0")
    run("PRAGMA synchronous=FULL")
    if sys.platform == "darwin":
        run("PRAGMA fullfsync=ON")
    if exclusive:
        run("PRAGMA locking_mode=EXCLUSIVE")
    if writable:
        run(f"PRAGMA journal_mode={'TRUNCATE' if exclusive else 'WAL'}")
        run("PRAGMA wal_autocheckpoint=1000")
        run(f"PRAGMA journal_size_limit={_JOURNAL_LIMIT_BYTES}")


def _bound(connection: sqlite3.Connection) -> None:
    """Bound what one statement may be, far above ours: a defect stays a small one."""
    # Python 3.10 cannot do it.
    if sys.version_info >= (3, 11):
        for limit, value in (
            (sqlite3.SQLITE_LIMIT_LENGTH, 256 << 20),
            (sqlite3.SQLITE_LIMIT_SQL_LENGTH, 1 << 20),
            (sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 200),
            (sqlite3.SQLITE_LIMIT_COMPOUND_SELECT, 50),
            (sqlite3.SQLITE_LIMIT_ATTACHED, 1),
            (sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 4_096),
            (sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        ):
            connection.setlimit(limit, value)


def writer(path: Path, *, writable: bool = True, exclusive: bool = False) -> Engine:
    """Return the engine of the one connection that writes; its transactions begin IMMEDIATE."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, writable=writable, exclusive=exclusive),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    _begin_with(engine, "BEGIN IMMEDIATE" if writable else "BEGIN")
    _limit_reads(engine)
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine of a writer for those who read by its connection, within READ_SECONDS."""
    return engine.execution_options(**{_READS: True})


def is_read(connection: Connection) -> bool:
    """Tell whether a connection was taken to read alone."""
    return bool(connection.get_execution_options().get(_READS, False))


def readers(path: Path, *, writable: bool = True) -> Engine:
    """Return the engine of the connections that read; each transaction sees one snapshot.

    A query that takes longer than READ_SECONDS is broken off (security row S8). The first one keeps more
    of the file in memory: where one person searches it is the only one, and all of them would take much.
    """
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, writable=writable, query_only=True),
        poolclass=QueuePool,
        pool_size=READERS,
        max_overflow=0,
        pool_timeout=10,
        hide_parameters=True,
    )
    _begin_with(engine, "BEGIN")
    _limit_reads(engine)
    _favour_first(engine)
    return reading(engine)


def _favour_first(engine: Engine) -> None:
    """Give the first connection of a pool more memory, also once all before were let go of."""
    is_first = True

    @event.listens_for(engine, "connect")
    def favour(driver: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        nonlocal is_first
        if is_first:
            is_first = False
            driver.execute(f"PRAGMA cache_size=-{_FAVOURITE_CACHE_KB}")
            record.info[FAVOURITE] = True

    @event.listens_for(engine, "engine_disposed")
    def begin_anew(_: Engine) -> None:
        nonlocal is_first
        is_first = True


def _limit_reads(engine: Engine) -> None:
    """Break off what takes too long on a connection that was taken to read."""

    @event.listens_for(engine, "connect")
    def watch_time(driver: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        record.info[_DRIVER] = driver
        _watch_deadline(driver, record.info)

    @event.listens_for(engine, "before_cursor_execute")
    def set_deadline(connection: Connection, *_: object) -> None:
        _timed(connection)


def _timed(connection: Connection) -> sqlite3.Connection:
    """Return the connection of the driver for one statement; a read has READ_SECONDS from now on."""
    limit = READ_SECONDS if is_read(connection) else math.inf
    info = connection.info
    info[_DEADLINE] = time.monotonic() + limit
    return cast("sqlite3.Connection", info[_DRIVER])


def _watch_deadline(driver: sqlite3.Connection, info: MutableMapping[Any, Any]) -> None:
    driver.set_progress_handler(
        lambda: time.monotonic() > info.get(_DEADLINE, math.inf), _STEPS_BETWEEN_LOOKS
    )


def _begin_with(engine: Engine, statement: str) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Not through SQLAlchemy: half of what a snapshot cost was its work around this one word. It has a
        # limit of its own, or SQLite would look at that of the last statement now and then.
        _timed(connection).execute(statement)


def fetch(connection: Connection, statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows that a statement gives, executed by the driver alone; the limit of reads holds."""
    return _timed(connection).execute(statement, values).fetchall()


def change_all(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> None:
    """Execute one statement for many rows of values, by the driver alone."""
    _timed(connection).executemany(statement, rows)


@contextmanager
def unlimited(connection: Connection) -> Iterator[sqlite3.Connection]:
    """Give the connection of the driver below one of an engine of ours, for what takes long.

    The limit of reads is off in the block, also that of the last read before it, and on after it.
    """
    info = connection.info
    driver = cast("sqlite3.Connection", info[_DRIVER])
    driver.set_progress_handler(None, 0)
    try:
        yield driver
    finally:
        _watch_deadline(driver, info)


def quick_check(connection: sqlite3.Connection) -> bool:
    """Tell whether the file is whole, as far as SQLite can see without its indexes."""
    return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
