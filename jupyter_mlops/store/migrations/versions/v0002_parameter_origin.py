"""A parameter tells whether it was given, is the notebook's default, or was logged from code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Flag, Json, Whole, Words

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table anew: SQLite can neither drop the flag in place nor add a check."""
    op.execute("CREATE TABLE parameters_before AS SELECT * FROM parameters")
    op.drop_table("parameters")
    op.create_table(
        "parameters",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("secret", Flag, nullable=False),
        sa.Column("origin", Words, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_parameters_key_length"),
        sa.CheckConstraint(
            "origin IN ('given', 'default', 'logged')", name="ck_parameters_origin_known"
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_parameters_run"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_parameters"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO parameters (run, key, position, value, type, secret, origin)"
        " SELECT run, key, position, value, type, secret,"
        " CASE logged WHEN 1 THEN 'logged' ELSE 'given' END FROM parameters_before"
    )
    op.drop_table("parameters_before")
