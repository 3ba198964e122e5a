"""The embedded store: opening ``store.db`` safely, beside other processes, and keeping it well."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine

from jupyter_mlops.domain.errors import MlopsError, StoreDamaged, Unavailable
from jupyter_mlops.store import failures, schema, sqlite
from jupyter_mlops.store.tables import VERSION

OPEN_SECONDS = 30.0
_MAGIC = b"SQLite format 3\0"
_CHECKED_BYTES = 256 << 20


class EmbeddedStore:
    """One SQLite file. ``writer`` is one connection; its user serialises what goes through it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read_only_reason: str | None = None
        self.single_connection = False
        sqlite.check_version()
        _make_private(path)
        with _opening(path):
            self.writer = self._open()
        self.reader: Engine = sqlite.readers(path)
        self._watcher = sqlite.connect(path, query_only=True)

    def _open(self) -> Engine:
        _check_header(self._path)
        engine = sqlite.writer(self._path)
        try:
            with engine.begin() as connection:
                version = schema.current(connection)
                if version == 0:
                    schema.create(connection)
            if version > VERSION:
                self.read_only_reason = schema.NEWER
            self._check(engine)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _check(self, engine: Engine) -> None:
        """Look through a file of ordinary size for damage before anything is built on it."""
        if self._path.stat().st_size > _CHECKED_BYTES:
            return
        with engine.connect() as connection:
            raw = connection.connection.driver_connection
            if isinstance(raw, sqlite3.Connection) and not sqlite.quick_check(raw):
                raise StoreDamaged(failures.DAMAGED)

    def change_counter(self) -> int:
        """Return a number that differs after any commit, of this process or another."""
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def recover(self, failure: MlopsError) -> None:
        """Drop a connection that saw the disk fail: what it holds in memory may not be on disk."""
        if failures.is_io_error(failure):
            self.writer.dispose()
            with self.writer.connect() as connection:
                raw = connection.connection.driver_connection
                if isinstance(raw, sqlite3.Connection) and not sqlite.quick_check(raw):
                    raise StoreDamaged(failures.DAMAGED)

    def close(self) -> None:
        """Move the log into the file and let go of it."""
        self._watcher.close()
        self.reader.dispose()
        with suppress(sqlite3.Error), self.writer.connect() as connection:
            raw = connection.connection.driver_connection
            if isinstance(raw, sqlite3.Connection):
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.writer.dispose()


def _make_private(path: Path) -> None:
    """Make folder and file so that only their owner can look inside, whatever the umask."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.chmod(0o700)
        # SQLite gives its log files the mode of the database.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise Unavailable(failures.READ_ONLY) from error


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """Let one process at a time open the store: WAL and tables are made once, by the first."""
    lock = os.open(
        path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
    )
    try:
        deadline = time.monotonic() + OPEN_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Unavailable(failures.LOCKED) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(lock)


def _check_header(path: Path) -> None:
    """Raise StoreDamaged for a file that is not empty and not ours, before SQLite touches it."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header:
        return
    ours = int.from_bytes(header[68:72], "big") in (0, sqlite.APPLICATION_ID)
    if len(header) < 100 or not header.startswith(_MAGIC) or not ours:
        raise StoreDamaged(failures.DAMAGED)
