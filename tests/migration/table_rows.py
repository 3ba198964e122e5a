"""The rows and the shape of a store as comparable values, on both engines."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import text

from jupyter_mlops.store.database import Connection
from jupyter_mlops.store.tables import metadata


def row_digests(connection: Connection) -> dict[str, str]:
    """Return a digest of the rows of each table, by the columns that this program knows."""
    found = {}
    for table in metadata.sorted_tables:
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        rows = connection.execute(text(f'SELECT {columns} FROM "{table.name}"'))  # noqa: S608
        lines = sorted(
            repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)) for row in rows
        )
        found[table.name] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return found


def shape(connection: Connection) -> set[tuple[str, ...]]:
    """Return what the engine itself says of every table, column, constraint and index."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT type, name, tbl_name, sql FROM sqlite_schema"))
        return {(row[0], row[1], row[2], _parts(row[3] or "")) for row in rows}
    return {
        tuple(map(str, row))
        for query in _POSTGRESQL.split(";")
        for row in connection.execute(text(query))
    }


_POSTGRESQL = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default, collation_name
FROM information_schema.columns WHERE table_schema = 'public';
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public';
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace;
SELECT 'sequence', sequencename, data_type::text FROM pg_sequences
"""


def _parts(definition: str) -> str:
    """Return a definition without regard to white space and to the order of what it lists."""
    # SQLite writes a column that is added later on the line of the last one.
    lines = re.split(r"\n|, (?=\w+ (?:INTEGER|TEXT|REAL|BLOB)\b)", definition.replace("\t", ""))
    return "; ".join(sorted(line.strip(" ,") for line in lines))
