"""The table of the tokens of kernels; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Table, text

from jupyter_mlops.store.column_types import Whole, Words
from jupyter_mlops.store.table_metadata import metadata

_LIVE = text("revoked_at IS NULL")

kernel_tokens = Table(
    "kernel_tokens",
    metadata,
    Column("seq", Whole, primary_key=True),
    # SHA-256 of the token, which is stored nowhere.
    Column("digest", Words, nullable=False, unique=True),
    Column("user", Words, nullable=False),
    # One of them: the interactive kernel, or the tracked run, that the token was made for.
    Column("kernel_id", Words),
    # No foreign key: runs point here, a cycle would not sort.
    Column("run_id", Words),
    # Contents path of the notebook as it is called now, and as the kernel knows it.
    Column("notebook", Words),
    Column("notebook_at_start", Words),
    # The process that keeps the kernel.
    Column("server", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    # Null while it depends on the run alone.
    Column("expires_at", Whole),
    Column("revoked_at", Whole),
    CheckConstraint("(kernel_id IS NULL) <> (run_id IS NULL)", name="of_one"),
    CheckConstraint("(expires_at IS NULL) = (kernel_id IS NULL)", name="expires"),
    CheckConstraint("length(digest) = 64", name="digest_length"),
    # The few live ones are what is looked for.
    Index("ix_kernel_tokens_kernel_id", "kernel_id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    Index("ix_kernel_tokens_run_id", "run_id", sqlite_where=_LIVE, postgresql_where=_LIVE),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)
