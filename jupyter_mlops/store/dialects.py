"""What the two engines spell differently: INSERT with ON CONFLICT."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that understands ``on_conflict_do_nothing`` and ``…_do_update``."""
    return of_dialect(connection.dialect.name, table)


def upsert(
    connection: Connection, table: Table, keys: tuple[str, ...], values: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that gives a row whose ``keys`` are taken the new ``values``; made once."""
    return upsert_in(connection.dialect.name, table, keys, values)


def of_dialect(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return the same by the name of the engine's dialect."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def upsert_in(
    dialect: str, table: Table, keys: tuple[str, ...], values: tuple[str, ...]
) -> sqlite.Insert | postgresql.Insert:
    """Return the same by the name of the engine's dialect."""
    statement = of_dialect(dialect, table)
    new = {name: statement.excluded[name] for name in values}
    return statement.on_conflict_do_update(index_elements=keys, set_=new)
