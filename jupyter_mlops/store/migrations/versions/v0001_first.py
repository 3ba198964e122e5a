"""The first schema: experiments, runs and what is recorded of them, events, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Bytes, Flag, Json, Real, Whole, Words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    _log()
    _runs()
    _metrics()
    _files()


def _log() -> None:
    op.create_table(
        "counters",
        sa.Column("name", Words, nullable=False),
        sa.Column("value", Whole, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("seq", Whole, autoincrement=False, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("subject", Words, nullable=False),
        sa.Column("actor", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sqlite_strict=True,
    )
    op.create_table(
        "leases",
        sa.Column("name", Words, nullable=False),
        sa.Column("owner", Words, nullable=False),
        sa.Column("expires_at", Whole, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "requests",
        sa.Column("user", Words, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("answer", Bytes, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.PrimaryKeyConstraint("user", "key", name="pk_requests"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_requests_created_at", "requests", ["created_at"], unique=False)


def _runs() -> None:
    op.create_table(
        "experiments",
        sa.Column("id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("canonical_name", Words, nullable=False),
        sa.Column("description", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 250", name="ck_experiments_name_length"),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("canonical_name", name="uq_experiments_canonical_name"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_table(
        "runs",
        sa.Column("seq", Whole, nullable=False),
        sa.Column("run_id", Words, nullable=False),
        sa.Column("experiment_id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("reason", Words, nullable=True),
        sa.Column("message", Words, nullable=True),
        sa.Column("source_type", Words, nullable=False),
        sa.Column("notebook", Words, nullable=True),
        sa.Column("user", Words, nullable=False),
        sa.Column("kernel_name", Words, nullable=True),
        sa.Column("time_limit", Real, nullable=True),
        sa.Column("save_to", Words, nullable=True),
        sa.Column("rerun_of", Words, nullable=True),
        sa.Column("source_digest", Words, nullable=True),
        sa.Column("executed_digest", Words, nullable=True),
        sa.Column("log_digest", Words, nullable=True),
        sa.Column("note", Words, server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("started_at", Whole, nullable=True),
        sa.Column("ended_at", Whole, nullable=True),
        sa.Column("duration_ms", Whole, nullable=True),
        sa.Column("deleted_at", Whole, nullable=True),
        sa.Column("cancel_requested", Flag, server_default=sa.text("0"), nullable=False),
        sa.Column("cells_done", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("cells_total", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("current_cell", Whole, nullable=True),
        sa.Column("failing_cell", Whole, nullable=True),
        sa.Column("cpu_seconds", Real, nullable=True),
        sa.Column("peak_memory_bytes", Whole, nullable=True),
        sa.Column("secrets_masked", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("key_series", Whole, nullable=True),
        sa.Column("version", Whole, server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint(
            "(status IN ('FAILED', 'KILLED')) = (reason IS NOT NULL)", name="ck_runs_reason_given"
        ),
        sa.CheckConstraint(
            "status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')",
            name="ck_runs_status_known",
        ),
        sa.CheckConstraint("duration_ms >= 0", name="ck_runs_duration_positive"),
        sa.CheckConstraint("length(run_id) = 32", name="ck_runs_run_id_length"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name="fk_runs_experiment_id"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_runs"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("ix_runs_status_seq", "runs", ["status", "seq"], unique=False)
    op.create_index(
        "ix_runs_experiment_id_deleted_at_seq",
        "runs",
        ["experiment_id", "deleted_at", "seq"],
        unique=False,
    )
    op.create_index("ix_runs_deleted_at_seq", "runs", ["deleted_at", "seq"], unique=False)
    op.create_index("ix_runs_notebook_user", "runs", ["notebook", "user"], unique=False)
    op.create_table(
        "run_specs",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("spec", Bytes, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_run_specs_run"),
        sa.PrimaryKeyConstraint("run", name="pk_run_specs"),
        sqlite_strict=True,
    )
    op.create_table(
        "run_texts",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_run_texts_run"),
        sa.PrimaryKeyConstraint("run", name="pk_run_texts"),
        sqlite_strict=True,
    )
    op.create_table(
        "parameters",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("secret", Flag, nullable=False),
        sa.Column("logged", Flag, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_parameters_key_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_parameters_run"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_parameters"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "tags",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_tags_key_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_tags_run"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_tags"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cells",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("cell_id", Words, nullable=True),
        sa.Column("state", Words, nullable=False),
        sa.Column("started_at", Whole, nullable=True),
        sa.Column("duration_ms", Whole, nullable=True),
        sa.Column("error_name", Words, nullable=True),
        sa.Column("error_value", Words, nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'running', 'completed', 'failed', 'interrupted')",
            name="ck_cells_state_known",
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_cells_run"),
        sa.PrimaryKeyConstraint("run", "position", name="pk_cells"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _metrics() -> None:
    op.create_table(
        "metric_series",
        sa.Column("id", Whole, nullable=False),
        sa.Column("run", Whole, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("point_count", Whole, nullable=False),
        sa.Column("value", Real, nullable=True),
        sa.Column("step", Whole, nullable=False),
        sa.Column("timestamp", Whole, nullable=False),
        sa.Column("minimum", Real, nullable=True),
        sa.Column("maximum", Real, nullable=True),
        sa.Column("sparkline", Json, nullable=False),
        sa.Column("sparkline_stride", Whole, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_metric_series_key_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_metric_series_run"),
        sa.PrimaryKeyConstraint("id", name="pk_metric_series"),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("uq_metric_series_run_key", "metric_series", ["run", "key"], unique=True)
    op.create_table(
        "metric_points",
        sa.Column("series", Whole, autoincrement=False, nullable=False),
        sa.Column("position", Whole, autoincrement=False, nullable=False),
        sa.Column("step", Whole, nullable=False),
        sa.Column("timestamp", Whole, nullable=False),
        sa.Column("value", Real, nullable=True),
        sa.ForeignKeyConstraint(["series"], ["metric_series.id"], name="fk_metric_points_series"),
        sa.PrimaryKeyConstraint("series", "position", name="pk_metric_points"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "metric_summaries",
        sa.Column("series", Whole, autoincrement=False, nullable=False),
        sa.Column("bucket", Whole, autoincrement=False, nullable=False),
        sa.Column("step", Whole, nullable=False),
        sa.Column("timestamp", Whole, nullable=False),
        sa.Column("value", Real, nullable=True),
        sa.Column("minimum", Real, nullable=True),
        sa.Column("maximum", Real, nullable=True),
        sa.ForeignKeyConstraint(
            ["series"], ["metric_series.id"], name="fk_metric_summaries_series"
        ),
        sa.PrimaryKeyConstraint("series", "bucket", name="pk_metric_summaries"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _files() -> None:
    op.create_table(
        "package_lists",
        sa.Column("digest", Words, nullable=False),
        sa.Column("packages", Json, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_package_lists"),
        sqlite_strict=True,
    )
    op.create_table(
        "environments",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("environment", Json, nullable=False),
        sa.Column("packages_digest", Words, nullable=False),
        sa.ForeignKeyConstraint(
            ["packages_digest"], ["package_lists.digest"], name="fk_environments_packages_digest"
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_environments_run"),
        sa.PrimaryKeyConstraint("run", name="pk_environments"),
        sqlite_strict=True,
    )
    op.create_table(
        "artifacts",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("path", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("size", Whole, nullable=False),
        sa.Column("media_type", Words, nullable=False),
        sa.Column("preview", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.CheckConstraint("length(digest) = 71", name="ck_artifacts_digest_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_artifacts_run"),
        sa.PrimaryKeyConstraint("run", "path", name="pk_artifacts"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_artifacts_digest", "artifacts", ["digest"], unique=False)
    op.create_table(
        "spool_cursors",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("writer", Words, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_spool_cursors_run"),
        sa.PrimaryKeyConstraint("run", "writer", name="pk_spool_cursors"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
