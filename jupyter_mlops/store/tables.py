"""The tables. A change here needs a migration in ``store/migrations/versions`` and one more in VERSION."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, text

from jupyter_mlops.store.column_types import Bytes, Flag, Json, Real, Whole, Words

# Number of the schema that these tables make; equals the newest revision of the migrations.
VERSION = 2

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _run_key(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "run", Whole, ForeignKey("runs.seq"), primary_key=primary_key, autoincrement=False
    )


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

experiments = Table(
    "experiments",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", Words, nullable=False),
    # NFKC + casefold of the name (security row S30).
    Column("canonical_name", Words, nullable=False, unique=True),
    Column("description", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    CheckConstraint("length(name) BETWEEN 1 AND 250", name="name_length"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

runs = Table(
    "runs",
    metadata,
    # The order of creation; lists, queue and cursors go by it, never by the clock.
    Column("seq", Whole, primary_key=True),
    Column("run_id", Words, nullable=False, unique=True),
    Column("experiment_id", Whole, ForeignKey("experiments.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("status", Words, nullable=False),
    Column("reason", Words),
    Column("message", Words),
    Column("source_type", Words, nullable=False),
    Column("notebook", Words),
    Column("user", Words, nullable=False),
    Column("kernel_name", Words),
    Column("time_limit", Real),
    Column("save_to", Words),
    Column("rerun_of", Words),
    Column("source_digest", Words),
    Column("executed_digest", Words),
    Column("log_digest", Words),
    Column("note", Words, nullable=False, server_default=text("''")),
    Column("created_at", Whole, nullable=False),
    Column("started_at", Whole),
    Column("ended_at", Whole),
    Column("duration_ms", Whole),
    Column("deleted_at", Whole),
    Column("cancel_requested", Flag, nullable=False, server_default=text("0")),
    Column("cells_done", Whole, nullable=False, server_default=text("0")),
    Column("cells_total", Whole, nullable=False, server_default=text("0")),
    Column("current_cell", Whole),
    Column("failing_cell", Whole),
    Column("cpu_seconds", Real),
    Column("peak_memory_bytes", Whole),
    Column("secrets_masked", Whole, nullable=False, server_default=text("0")),
    # The series shown in lists. No foreign key: metric_series points here, a cycle would not sort.
    Column("key_series", Whole),
    Column("version", Whole, nullable=False, server_default=text("1")),
    CheckConstraint("length(run_id) = 32", name="run_id_length"),
    CheckConstraint(
        "status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')", name="status_known"
    ),
    CheckConstraint("(status IN ('FAILED', 'KILLED')) = (reason IS NOT NULL)", name="reason_given"),
    CheckConstraint("duration_ms >= 0", name="duration_positive"),
    # Each list is read from its end, without sorting.
    Index(None, "deleted_at", "seq"),
    Index(None, "experiment_id", "deleted_at", "seq"),
    # The dispatcher asks for the few active runs all the time.
    Index(None, "status", "seq"),
    Index(None, "notebook", "user"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# The orders of each run, apart from the runs because lists never need them.
run_specs = Table(
    "run_specs",
    metadata,
    _run_key(primary_key=True),
    Column("spec", Bytes, nullable=False),
    sqlite_strict=True,
)

# What the search box looks through: canonical text of name, notebook, tags and parameters.
run_texts = Table(
    "run_texts",
    metadata,
    _run_key(primary_key=True),
    Column("text", Words, nullable=False),
    sqlite_strict=True,
)

parameters = Table(
    "parameters",
    metadata,
    _run_key(primary_key=True),
    Column("key", Words, primary_key=True),
    Column("position", Whole, nullable=False),
    Column("value", Json, nullable=False),
    Column("type", Words, nullable=False),
    Column("secret", Flag, nullable=False),
    # Given at the start, the notebook's own default, or logged from code.
    Column("origin", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    CheckConstraint("origin IN ('given', 'default', 'logged')", name="origin_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    _run_key(primary_key=True),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

cells = Table(
    "cells",
    metadata,
    _run_key(primary_key=True),
    Column("position", Whole, primary_key=True, autoincrement=False),
    Column("cell_id", Words),
    Column("state", Words, nullable=False),
    Column("started_at", Whole),
    Column("duration_ms", Whole),
    Column("error_name", Words),
    Column("error_value", Words),
    CheckConstraint(
        "state IN ('pending', 'running', 'completed', 'failed', 'interrupted')", name="state_known"
    ),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

metric_series = Table(
    "metric_series",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("run", Whole, ForeignKey("runs.seq"), nullable=False),
    Column("key", Words, nullable=False),
    Column("point_count", Whole, nullable=False),
    # The latest point: greatest step, then timestamp, then arrival.
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

package_lists = Table(
    "package_lists",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("packages", Json, nullable=False),
    sqlite_strict=True,
)

environments = Table(
    "environments",
    metadata,
    _run_key(primary_key=True),
    # Everything but the packages, which many runs share.
    Column("environment", Json, nullable=False),
    Column("packages_digest", Words, ForeignKey("package_lists.digest"), nullable=False),
    sqlite_strict=True,
)

artifacts = Table(
    "artifacts",
    metadata,
    _run_key(primary_key=True),
    Column("path", Words, primary_key=True),
    Column("digest", Words, nullable=False, index=True),
    Column("size", Whole, nullable=False),
    Column("media_type", Words, nullable=False),
    Column("preview", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    CheckConstraint("length(digest) = 71", name="digest_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

spool_cursors = Table(
    "spool_cursors",
    metadata,
    _run_key(primary_key=True),
    Column("writer", Words, primary_key=True),
    # Byte offset up to which the spool is in the store.
    Column("position", Whole, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
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
