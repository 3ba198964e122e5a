"""Which schema a store has, and making a fresh one in a single transaction."""

from __future__ import annotations

import time

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    select,
)

from jupyter_mlops.domain.experiments import DEFAULT_EXPERIMENT, DEFAULT_EXPERIMENT_ID
from jupyter_mlops.domain.names import canonical
from jupyter_mlops.store.sqlite import APPLICATION_ID
from jupyter_mlops.store.tables import VERSION, experiments, metadata

# Alembic's own table, made here for fresh stores so that Alembic need not be imported.
_alembic = MetaData()
alembic_version = Table(
    "alembic_version",
    _alembic,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

NEWER = (
    "The store was made by a newer version of jupyter_mlops; it can be read but not changed. "
    "Upgrade jupyter_mlops and restart the server."
)


def revision(version: int) -> str:
    """Return the name of the migration that makes this version of the schema."""
    return f"{version:04d}"


def current(connection: Connection) -> int:
    """Return the version of the schema in the store, 0 when it holds no tables of ours."""
    if connection.dialect.name == "sqlite":
        return int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if not inspect(connection).has_table(alembic_version.name):
        return 0
    return int(connection.scalar(select(alembic_version.c.version_num)) or 0)


def create(connection: Connection) -> None:
    """Make all tables and the experiment that always is; the caller's transaction makes it all or nothing."""
    metadata.create_all(connection)
    _alembic.create_all(connection)
    connection.execute(insert(alembic_version).values(version_num=revision(VERSION)))
    now = int(time.time() * 1_000)
    connection.execute(
        insert(experiments).values(
            id=DEFAULT_EXPERIMENT_ID,
            name=DEFAULT_EXPERIMENT,
            canonical_name=canonical(DEFAULT_EXPERIMENT),
            description="",
            created_at=now,
            updated_at=now,
        )
    )
    stamp(connection)


def mark(connection: Connection) -> None:
    """Write into the header of an SQLite file that it is ours."""
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")


def stamp(connection: Connection) -> None:
    """Write our mark and the version into the header of an SQLite file."""
    if connection.dialect.name == "sqlite":
        mark(connection)
        connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")
