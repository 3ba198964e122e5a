"""The tables of metrics; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from jupyter_mlops.store.column_types import Json, Real, Whole, Words
from jupyter_mlops.store.table_metadata import metadata

metric_series = Table(
    "metric_series",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run", Whole, ForeignKey("runs.seq"), nullable=False),
    Column("key", Words, nullable=False),
    Column("point_count", Whole, nullable=False),
    # Repeats that of the run, so that a search of one experiment reads one piece of an index.
    Column("experiment", Whole, nullable=False),
    # The latest point: greatest step, then timestamp, then value.
    Column("value", Real),
    Column("step", Whole, nullable=False),
    Column("timestamp", Whole, nullable=False),
    # Extremes of the finite values.
    Column("minimum", Real),
    Column("maximum", Real),
    # At most 30 finite values, every `sparkline_stride`-th of the series.
    Column("sparkline", Json, nullable=False),
    Column("sparkline_stride", Whole, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    Index("uq_metric_series_run_key", "run", "key", unique=True),
    # With the run, so that a search along it reads no rows.
    Index(None, "experiment", "key", "value", "run"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

metric_points = Table(
    "metric_points",
    metadata,
    Column("series", Whole, ForeignKey("metric_series.id"), primary_key=True, autoincrement=False),
    # Order of arrival, from 0.
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("step", Whole, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("value", Real),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# One row per 100 points, in order of arrival.
metric_summaries = Table(
    "metric_summaries",
    metadata,
    Column("series", Whole, ForeignKey("metric_series.id"), primary_key=True, autoincrement=False),
    Column("bucket", Whole, primary_key=True, autoincrement=False),
    Column("step", Whole, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("value", Real),
    Column("minimum", Real),
    Column("maximum", Real),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
