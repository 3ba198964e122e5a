"""The door to the store: one transaction to write, one snapshot to read, one kind of error."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from jupyter_mlops.domain.errors import MlopsError, StoreDamaged, Unavailable
from jupyter_mlops.domain.soundness import NamedFile
from jupyter_mlops.settings import is_database_url
from jupyter_mlops.store import backups, failures, soundness
from jupyter_mlops.store.embedded import EmbeddedStore
from jupyter_mlops.store.kept_connections import KeptConnections
from jupyter_mlops.store.postgresql import PostgresqlStore

__all__ = ["Connection", "Database"]

_LOCK_SECONDS = 15.0


class Backend(Protocol):
    """What an engine brings: its connections and the little that it does in its own way."""

    @property
    def writer(self) -> Engine | KeptConnections: ...
    @property
    def reader(self) -> Engine | KeptConnections: ...

    read_only_reason: str | None
    single_connection: bool

    def prepare_write(self, *, clean_up: bool) -> None: ...
    def change_counter(self) -> int: ...
    def recover(self, failure: MlopsError, *, writing: bool) -> MlopsError: ...
    def backup(self, target: Path | None) -> Path: ...
    def daily_backup(self, interrupted: Callable[[], bool]) -> Path | None: ...
    def undisturbed(self) -> AbstractContextManager[sqlite3.Connection]: ...
    def close(self) -> None: ...


class Database:
    """The store. Safe for threads; transactions that write go one after the other."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._writing: int | None = None
        self._closed = False

    @classmethod
    def open(cls, url_or_path: str | Path, *, network: bool | None = None) -> Database:
        """Open a store, made or migrated if need be: a path means SQLite, a URL PostgreSQL.

        ``network`` says whether a path lies on a network file system; None finds it out.

        Raises StoreDamaged, DiskFull or Unavailable, each with what to do.
        """
        embedded = not is_database_url(str(url_or_path))
        if embedded and "://" in str(url_or_path):
            # As a path it would be made, with the password as the name of a folder.
            raise Unavailable("The address of the database must begin with postgresql://.")
        try:
            if not embedded:
                return cls(PostgresqlStore(str(url_or_path)))
            return cls(EmbeddedStore(Path(url_or_path), network=network))
        except (SQLAlchemyError, sqlite3.Error) as error:
            failure = failures.translate(error)
            if failure is None:
                raise
            if embedded and isinstance(failure, StoreDamaged):
                raise backups.damaged(Path(url_or_path)) from error
            raise failures.with_regard_to_room(failure, Path(url_or_path).parent) from error
        except OSError as error:
            raise failures.of_operating_system(error) from error

    @property
    def read_only_reason(self) -> str | None:
        """Why the store cannot be changed, or None when it can."""
        return self._backend.read_only_reason

    @property
    def read_only(self) -> bool:
        """Whether the store can be read only."""
        return self.read_only_reason is not None

    @contextmanager
    def write(self, *, clean_up: bool = False) -> Iterator[Connection]:
        """Give one transaction that commits at the end of the block; an exception undoes it.

        When the block is left without an exception the changes are on disk (row D1). ``clean_up``
        marks a change that ends a run or makes room: on a full disk it may use the reserve.
        """
        if self._backend.read_only_reason is not None:
            raise Unavailable(self._backend.read_only_reason)
        with self._alone(), self._translated(writing=True):
            self._backend.prepare_write(clean_up=clean_up)
            with self._backend.writer.begin() as connection:
                yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a snapshot: all queries of the block see the store as it was at the first."""
        if self._backend.single_connection:
            with self._alone(), self._translated(), self._backend.reader.begin() as connection:
                yield connection
        else:
            self._refuse_nesting()
            self._refuse_closed()
            with self._translated(), self._backend.reader.begin() as connection:
                yield connection

    def change_counter(self) -> int:
        """Return a number that differs after any commit, of this process or another; cheap."""
        with self._translated():
            return self._backend.change_counter()

    def backup(self, target: Path | None = None) -> Path:
        """Copy the store to ``target`` while it is in use, and check the copy; return its path.

        Without a target it goes to the folder ``backups`` and stays until somebody removes it.
        """
        with self._long_look():
            return self._backend.backup(target)

    def daily_backup(self, interrupted: Callable[[], bool]) -> Path | None:
        """Make the backup of the day, unless there is one or it would be too large.

        ``interrupted`` is asked all the time; True ends the work with Unavailable.
        """
        with self._long_look():
            return self._backend.daily_backup(interrupted)

    def faults(self) -> list[str]:
        """Read the whole store while it is in use; return what is wrong with it."""
        with self._long_look(), self._backend.undisturbed() as connection:
            return soundness.faults(connection)

    def named_files(self) -> list[NamedFile]:
        """Return the stored files that rows name, each once."""
        with self._long_look(), self._backend.undisturbed() as connection:
            return soundness.named_files(connection)

    @contextmanager
    def _long_look(self) -> Iterator[None]:
        # Where one connection does everything, the others wait meanwhile.
        alone = self._alone() if self._backend.single_connection else nullcontext()
        with alone, self._translated():
            yield

    def close(self) -> None:
        """Finish what is under way and let go of the store; who comes later is refused."""
        with self._alone(opened=False):
            self._closed = True
            self._backend.close()

    @contextmanager
    def _alone(self, *, opened: bool = True) -> Iterator[None]:
        self._refuse_nesting()
        if not self._lock.acquire(timeout=_LOCK_SECONDS):
            raise Unavailable(failures.LOCKED)
        self._writing = threading.get_ident()
        try:
            if opened:
                self._refuse_closed()
            yield
        finally:
            self._writing = None
            self._lock.release()

    def _refuse_nesting(self) -> None:
        # A block inside a write block would wait for itself or read old data: a defect, told loudly.
        if self._writing == threading.get_ident():
            raise RuntimeError("a transaction was begun inside another one of the same thread")

    def _refuse_closed(self) -> None:
        # A connection opened now would be one that nobody closes, in a file that may be sealed.
        if self._closed:
            raise Unavailable("The store is closed.")

    @contextmanager
    def _translated(self, *, writing: bool = False) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error, OverflowError) as error:
            failure = failures.translate(error)
            if failure is None:
                raise
            raise self._backend.recover(failure, writing=writing) from error
