"""The tables. A change here needs a migration in ``store/migrations/versions`` and one more in VERSION."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, text

from jupyter_mlops.store.bookkeeping_tables import counters, events, leases, requests
from jupyter_mlops.store.column_types import Bytes, Flag, Json, Real, Whole, Words
from jupyter_mlops.store.kernel_token_tables import kernel_tokens
from jupyter_mlops.store.logged_model_tables import (
    dataset_input_tags,
    dataset_inputs,
    datasets,
    logged_model_artifacts,
    logged_model_metrics,
    logged_model_parameters,
    logged_model_tags,
    logged_models,
    run_models,
)
from jupyter_mlops.store.metric_tables import metric_points, metric_series, metric_summaries
from jupyter_mlops.store.preference_tables import preferences
from jupyter_mlops.store.registry_tables import (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)
from jupyter_mlops.store.table_metadata import metadata

__all__ = [
    "artifacts",
    "cells",
    "counters",
    "dataset_input_tags",
    "dataset_inputs",
    "datasets",
    "environments",
    "events",
    "experiment_tags",
    "experiments",
    "kernel_tokens",
    "leases",
    "logged_model_artifacts",
    "logged_model_metrics",
    "logged_model_parameters",
    "logged_model_tags",
    "logged_models",
    "metadata",
    "metric_points",
    "metric_series",
    "metric_summaries",
    "model_aliases",
    "model_version_tags",
    "model_versions",
    "package_lists",
    "parameters",
    "preferences",
    "registered_model_tags",
    "registered_models",
    "requests",
    "run_models",
    "run_specs",
    "run_texts",
    "runs",
    "spool_cursors",
    "tags",
]

# Number of the schema that these tables make; equals the newest revision of the migrations.
VERSION = 8


def _run_key(*, primary_key: bool = False) -> Column[int]:
    return Column(
        "run", Whole, ForeignKey("runs.seq"), primary_key=primary_key, autoincrement=False
    )


def _experiment_of_run() -> Column[int]:
    """Repeat a run's experiment, so that a search of one experiment reads one piece of an index."""
    return Column("experiment", Whole, nullable=False)


# So much of a text decides its place in an index; PostgreSQL takes no entry over 2.7 kB.
INDEXED_CHARS = 100


experiments = Table(
    "experiments",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", Words, nullable=False),
    # NFKC + casefold of the name (security row S30).
    Column("canonical_name", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("updated_at", Whole, nullable=False),
    Column("deleted_at", Whole),
    CheckConstraint("length(name) BETWEEN 1 AND 500", name="name_length"),
    # A name in the trash is free.
    Index(
        "uq_experiments_canonical_name",
        "canonical_name",
        unique=True,
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

experiment_tags = Table(
    "experiment_tags",
    metadata,
    Column(
        "experiment",
        Whole,
        ForeignKey("experiments.id"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
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
    # Whether the orders ask for what MLflow logs by itself; a repeat asks for the same.
    Column("autolog", Flag, nullable=False, server_default=text("0")),
    # The series shown in lists. No foreign key: metric_series points here, a cycle would not sort.
    Column("key_series", Whole),
    Column("version", Whole, nullable=False, server_default=text("1")),
    # With which a client opened the run, or was given it as its first one.
    Column("kernel_token", Whole, ForeignKey("kernel_tokens.seq")),
    CheckConstraint("length(run_id) = 32", name="run_id_length"),
    CheckConstraint(
        "status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')", name="status_known"
    ),
    CheckConstraint("(status IN ('FAILED', 'KILLED')) = (reason IS NOT NULL)", name="reason_given"),
    CheckConstraint("duration_ms >= 0", name="duration_positive"),
    # Each list is read from its end, without sorting.
    Index(None, "deleted_at", "seq"),
    Index(None, "experiment_id", "deleted_at", "seq"),
    # MLflow's order: by start, or by creation before that.
    Index("ix_runs_experiment_id_start", "experiment_id", text("coalesce(started_at, created_at)")),
    # The dispatcher asks for the few active runs all the time.
    Index(None, "status", "seq"),
    Index(None, "notebook", "user"),
    # Few runs come from kernels; theirs are looked for when one ends.
    Index(
        None,
        "kernel_token",
        sqlite_where=text("kernel_token IS NOT NULL"),
        postgresql_where=text("kernel_token IS NOT NULL"),
    ),
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
    _experiment_of_run(),
    # The value as MLflow's clients, which know text only, see it.
    Column("text", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    CheckConstraint("origin IN ('given', 'default', 'logged')", name="origin_known"),
    Index(
        "ix_parameters_experiment_key_text",
        "experiment",
        "key",
        text(f"substr(text, 1, {INDEXED_CHARS})"),
    ),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

tags = Table(
    "tags",
    metadata,
    _run_key(primary_key=True),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    _experiment_of_run(),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    Index(
        "ix_tags_experiment_key_value",
        "experiment",
        "key",
        text(f"substr(value, 1, {INDEXED_CHARS})"),
    ),
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
