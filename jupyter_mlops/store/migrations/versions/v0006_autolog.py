"""What users prefer, and whether a run was asked to let MLflow log by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Flag, Words

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table; no run before this was asked."""
    op.create_table(
        "preferences",
        sa.Column("user", Words, nullable=False),
        sa.Column("autolog", Flag, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("user", name="pk_preferences"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.add_column("runs", sa.Column("autolog", Flag, nullable=False, server_default=sa.text("0")))
