"""The embedded store: opening ``store.db`` safely beside other processes, and closing it well."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from jupyter_mlops import durable
from jupyter_mlops.domain.errors import MlopsError, StoreDamaged, Unavailable
from jupyter_mlops.store import (
    backups,
    damage,
    failures,
    restoring,
    schema,
    sqlite,
)
from jupyter_mlops.store.kept_connections import KeptConnections
from jupyter_mlops.store.network_file_system import OwnerLease, network_file_system
from jupyter_mlops.store.reserve import Reserve
from jupyter_mlops.store.sole_use import Users, turn
from jupyter_mlops.store.tables import VERSION

_BUSY_UPGRADE = (
    "The store has to be upgraded, but another server of an older version uses it. "
    "Stop that server, then start this one again."
)


class EmbeddedStore:
    """One SQLite file. ``writer`` is one connection; its user serialises what goes through it.

    On a network file system that connection reads too, and holds the file alone.
    """

    def __init__(self, path: Path, *, network: bool | None = None) -> None:
        self._path = path
        self.read_only_reason: str | None = None
        sqlite.check_version()
        _make_private(path.parent)
        self.single_connection = (
            network_file_system(path.parent) is not None if network is None else network
        )
        self._commits = 0
        # A file that was seen damaged is never sealed as good.
        self._damaged = False
        self._reserve = Reserve(path.parent)
        self._watcher: sqlite3.Connection | None = None
        with ExitStack() as undo:
            self._lease = OwnerLease.take(path) if self.single_connection else None
            if self._lease is not None:
                undo.callback(self._lease.give_back)
            with turn(path), ExitStack() as undo_in_turn:
                self._users = Users(path)
                undo_in_turn.callback(self._users.leave)
                self.writer = KeptConnections(self._open(), most=1)
                undo_in_turn.callback(self.writer.dispose)
                self.reader = self._open_readers()
                undo_in_turn.pop_all()
            undo.pop_all()
        self._reserve.make()

    def _open_readers(self) -> Engine | KeptConnections:
        if self.single_connection:
            event.listen(self.writer.engine, "commit", self._count_commit)
            return sqlite.reading(self.writer.engine)
        writable = os.access(self._path, os.W_OK)
        self._watcher = sqlite.connect(self._path, writable=writable, query_only=True)
        return KeptConnections(sqlite.readers(self._path, writable=writable), most=sqlite.READERS)

    def _open(self) -> Engine:
        """Open the file in this process's turn; the first one in looks for damage."""
        path = self._path
        if self._users.first:
            restoring.finish(path)
        writable = _make_file(path)
        vouched = damage.check_closed(path) if self._users.first and writable else False
        engine = sqlite.writer(path, writable=writable, exclusive=self.single_connection)
        try:
            with engine.connect() as connection:
                if self._users.first and not vouched:
                    with sqlite.unlimited(connection) as driver:
                        damage.check_structure(driver, path)
                version = schema.current(connection)
            if version > VERSION:
                self.read_only_reason = schema.NEWER
            elif not writable:
                self.read_only_reason = failures.READ_ONLY
            else:
                self._make_log_durable(engine)
                self._bring_up_to_date(engine, version)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def _bring_up_to_date(self, engine: Engine, version: int) -> None:
        if version == 0:
            with engine.begin() as connection:
                schema.create(connection)
        elif version < VERSION:
            self._upgrade(engine, version)
        elif self._users.first and backups.is_due(self._path, backups.OPENING_BYTES):
            # The file was just found sound. Where there is no room for a copy, there is none.
            with (
                suppress(MlopsError, sqlite3.Error, OSError),
                engine.connect() as connection,
                sqlite.unlimited(connection) as driver,
            ):
                self._make_daily(driver, lambda: False)

    def _upgrade(self, engine: Engine, version: int) -> None:
        if not self._users.first:
            raise Unavailable(_BUSY_UPGRADE)
        # Imported here: Alembic takes longer to load than the rest of the store together.
        from jupyter_mlops.store.migrations.upgrade import upgrade  # noqa: PLC0415

        with engine.connect() as connection, sqlite.unlimited(connection) as driver:
            connection.rollback()
            self._copy(driver, backups.new_path(self._path, f"before-{version + 1:04d}"))
            # Without effect inside a transaction, so it comes before.
            driver.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    upgrade(connection)
                    schema.stamp(connection)
            finally:
                driver.execute("PRAGMA foreign_keys=ON")

    def _make_log_durable(self, engine: Engine) -> None:
        """Make the name of the log durable, too: SQLite overlooks it when that fails."""
        if self.single_connection:
            # Here the log is a rollback journal, made by the first transaction that writes.
            with engine.begin() as connection:
                schema.mark(connection)
        durable.sync_folder(self._path.parent)

    def _count_commit(self, connection: Connection) -> None:
        self._commits += not sqlite.is_read(connection)

    def prepare_write(self, *, clean_up: bool) -> None:
        """Keep the reserve, or give it to a write that makes room."""
        if self._lease is not None and not self._lease.held():
            self.read_only_reason = self._lease.lost_message()
            raise Unavailable(self.read_only_reason)
        if clean_up:
            self._reserve.spend()
        else:
            self._reserve.make()

    def change_counter(self) -> int:
        """Return a number that differs after any commit, of this process or another."""
        if self._watcher is None:
            return self._commits
        return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])

    def recover(self, failure: MlopsError, *, writing: bool) -> MlopsError:
        """Return the failure to tell, after care for what it means.

        A connection that saw the disk fail is dropped: what it holds in memory may not be on disk.
        """
        if isinstance(failure, StoreDamaged):
            return self._seen_damaged()
        if not failures.is_io_error(failure):
            return failure
        if writing or self.single_connection:
            self.writer.dispose()
            try:
                with (
                    self.writer.connect() as connection,
                    sqlite.unlimited(connection) as driver,
                ):
                    damage.check_structure(driver, self._path)
            except sqlite3.Error:
                # The disk fails still; the next use of the store opens a connection anew.
                self.writer.dispose()
            except StoreDamaged:
                return self._seen_damaged()
        else:
            self.reader.dispose()
        return failures.with_regard_to_room(failure, self._path.parent)

    def _seen_damaged(self) -> StoreDamaged:
        self._damaged = True
        return backups.damaged(self._path)

    def backup(self, target: Path | None) -> Path:
        """Make a backup while the store is in use; by default it goes to the folder ``backups``."""
        target = target or backups.new_path(self._path, backups.BY_HAND)
        with self.undisturbed() as connection:
            self._copy(connection, target)
        return target

    def daily_backup(self, interrupted: Callable[[], bool]) -> Path | None:
        """Make the backup of the day if it is due and within bounds; older ones go."""
        bound = backups.OPENING_BYTES if self.single_connection else backups.UNASKED_BYTES
        if not backups.is_due(self._path, bound):
            return None
        with self.undisturbed() as connection:
            if connection.execute("SELECT 1 FROM runs LIMIT 1").fetchone() is None:
                # A copy of nothing would put off the first one of use for a day.
                return None
            return self._make_daily(connection, interrupted)

    def _make_daily(self, connection: sqlite3.Connection, interrupted: Callable[[], bool]) -> Path:
        target = backups.new_path(self._path, backups.DAILY)
        self._copy(connection, target, interrupted)
        backups.prune(self._path)
        return target

    def _copy(
        self,
        connection: sqlite3.Connection,
        target: Path,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        try:
            backups.make(connection, target, interrupted)
        except StoreDamaged as error:
            raise self._seen_damaged() from error

    @contextmanager
    def undisturbed(self) -> Iterator[sqlite3.Connection]:
        """Give a connection for what takes long: it waits for nobody, and no limit ends it."""
        if self.single_connection:
            with self.writer.connect() as connection, sqlite.unlimited(connection) as driver:
                yield driver
        else:
            writable = os.access(self._path, os.W_OK)
            with closing(sqlite.connect(self._path, writable=writable)) as driver:
                yield driver

    def close(self) -> None:
        """Move the log into the file, seal it if nobody else has it open, and let go.

        On a disk that is gone everything is let go of all the same.
        """
        with ExitStack() as stack:
            if self._lease is not None:
                stack.callback(self._lease.give_back)
            try:
                stack.enter_context(turn(self._path))
                orderly = self.read_only_reason is None
            except (MlopsError, OSError):
                orderly = False
            stack.callback(self._users.leave)
            if self._watcher is not None:
                self._watcher.close()
            if not self.single_connection:
                self.reader.dispose()
            clean = orderly and self._checkpoint()
            self.writer.dispose()
            if clean and self._users.alone():
                with suppress(OSError):
                    damage.seal(self._path)

    def _checkpoint(self) -> bool:
        """Move the log into the file; tell whether all of it went and the file is sound."""
        try:
            with self.writer.connect() as connection, sqlite.unlimited(connection) as driver:
                busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                damage.check_structure(driver, self._path)
        except (sqlite3.Error, OSError, StoreDamaged):
            # The log keeps everything; the next opening moves it into the file, or tells.
            return False
        return not busy and not self._damaged


def _make_private(folder: Path) -> None:
    try:
        durable.make_folder(folder)
    except OSError as error:
        raise failures.of_operating_system(error) from error


def _make_file(path: Path) -> bool:
    """Make an empty file that only its owner can read, if there is none; tell if it is writable."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, 0o600))
        durable.sync_folder(path.parent)
    except FileExistsError:
        pass
    except OSError as error:
        raise failures.of_operating_system(error) from error
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
