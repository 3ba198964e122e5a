"""The tables by which several processes work as one; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import Column, Table

from jupyter_mlops.store.column_types import Bytes, Whole, Words
from jupyter_mlops.store.table_metadata import metadata

# The one row per number that must grow in commit order: its row lock is the lock of the order.
counters = Table(
    "counters",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Whole, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

events = Table(
    "events",
    metadata,
    Column("seq", Whole, primary_key=True, autoincrement=False),
    Column("type", Words, nullable=False),
    Column("subject", Words, nullable=False),
    Column("actor", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    sqlite_strict=True,
)

leases = Table(
    "leases",
    metadata,
    Column("name", Words, primary_key=True),
    Column("owner", Words, nullable=False),
    Column("expires_at", Whole, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Answers to requests that carried an idempotency key (durability row D2).
requests = Table(
    "requests",
    metadata,
    Column("user", Words, primary_key=True),
    Column("key", Words, primary_key=True),
    Column("answer", Bytes, nullable=False),
    Column("created_at", Whole, nullable=False, index=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
