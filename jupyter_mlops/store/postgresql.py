"""PostgreSQL, for shared deployments: its settings, and writes that go one after the other."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL

from jupyter_mlops.domain.errors import MlopsError, Unavailable
from jupyter_mlops.store import events, schema
from jupyter_mlops.store.tables import VERSION

# One lock per database makes a transaction here what BEGIN IMMEDIATE is in SQLite: no two
# transactions that write overlap, so both engines allow the same histories.
_WRITE_LOCK = 0x4A4D4C4F
_READERS = 8
_SETTINGS = {
    "synchronous_commit": "on",
    "statement_timeout": "5s",
    # A page is a few rows: several processes that look for them read far beyond, each for itself.
    "max_parallel_workers_per_gather": "0",
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "3s",
    "client_encoding": "utf8",
}
_PATIENCE = "30s"
OWN_TOOLS = (
    "The records are in PostgreSQL: back them up with pg_dump, put them back with pg_restore, and "
    "check them with pg_amcheck. Copy the folder artifacts of the home, too."
)


class PostgresqlStore:
    """A database of PostgreSQL; ``url`` starts with ``postgresql://``."""

    single_connection = False

    def __init__(self, url: str) -> None:
        self.read_only_reason: str | None = None
        try:
            parsed = make_url(url).set(drivername="postgresql+psycopg")
            self.writer = _engine(parsed, connections=1)
            self.reader: Engine = _engine(parsed, connections=_READERS).execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        except ModuleNotFoundError as error:
            raise Unavailable(
                "The driver of PostgreSQL is missing: pip install 'jupyter-mlops[postgresql]'."
            ) from error
        self._open()
        event.listen(self.writer, "begin", _take_write_lock)

    def _open(self) -> None:
        try:
            with self.writer.begin() as connection:
                # The first of several servers makes or upgrades the tables; the others wait.
                connection.execute(text(f"SET LOCAL lock_timeout = '{_PATIENCE}'"))
                connection.execute(text(f"SET LOCAL statement_timeout = '{_PATIENCE}'"))
                _take_write_lock(connection)
                version = schema.current(connection)
                if version == 0:
                    schema.create(connection)
                elif version < VERSION:
                    # Imported here: most starts need no upgrade, and Alembic is slow to load.
                    from jupyter_mlops.store.migrations.upgrade import upgrade  # noqa: PLC0415

                    upgrade(connection)
                elif version > VERSION:
                    self.read_only_reason = schema.NEWER
        except BaseException:
            self.close()
            raise

    def prepare_write(self, *, clean_up: bool) -> None:
        """Do nothing: the disk of the database is its administrator's."""

    def change_counter(self) -> int:
        """Return the number of the newest event; it differs after any change that made one."""
        with self.reader.connect() as connection:
            return events.last_seq(connection)

    def recover(self, failure: MlopsError, *, writing: bool) -> MlopsError:
        """Return the failure as it is: the pool drops a connection that was lost."""
        del writing
        return failure

    def backup(self, target: Path | None) -> Path:
        """Refuse: backups of a server are its administrator's."""
        del target
        raise Unavailable(OWN_TOOLS)

    def daily_backup(self, interrupted: Callable[[], bool]) -> Path | None:
        """Make none: backups of a server are its administrator's."""
        del interrupted
        return None

    def undisturbed(self) -> AbstractContextManager[sqlite3.Connection]:
        """Refuse: this is a look at a file of SQLite."""
        raise Unavailable(OWN_TOOLS)

    def close(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()


def _engine(url: URL, connections: int) -> Engine:
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    given = url.query.get("options", "")
    return create_engine(
        url.difference_update_query(["options"]),
        connect_args={"options": f"{given} {settings}".strip(), "connect_timeout": 10},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _take_write_lock(connection: Connection) -> None:
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})")
