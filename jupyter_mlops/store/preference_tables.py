"""The table of what users prefer; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import Column, Table, text

from jupyter_mlops.store.column_types import Flag, Words
from jupyter_mlops.store.table_metadata import metadata

# A user without a row prefers what the defaults say.
preferences = Table(
    "preferences",
    metadata,
    Column("user", Words, primary_key=True),
    Column("autolog", Flag, nullable=False, server_default=text("0")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
