"""The index of metrics by value holds the run, so that a search along it reads no rows."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the index anew."""
    op.drop_index("ix_metric_series_experiment_key_value", "metric_series")
    op.create_index(
        "ix_metric_series_experiment_key_value_run",
        "metric_series",
        ["experiment", "key", "value", "run"],
    )
