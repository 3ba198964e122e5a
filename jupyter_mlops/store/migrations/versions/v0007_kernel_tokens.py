"""Tokens of kernels, and with which of them a run was opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Flag, Real, Whole, Words

revision = "0007"
down_revision = "0006"

# The statements below are put together of names of this module alone (S608).
_COLUMNS = """
    seq, run_id, experiment_id, name, status, reason, message, source_type, notebook, "user",
    kernel_name, time_limit, save_to, rerun_of, source_digest, executed_digest, log_digest, note,
    created_at, started_at, ended_at, duration_ms, deleted_at, cancel_requested, cells_done,
    cells_total, current_cell, failing_cell, cpu_seconds, peak_memory_bytes, secrets_masked,
    autolog, key_series, version
"""


def upgrade() -> None:
    """Make the table, and give runs a place for a token."""
    _kernel_tokens()
    if op.get_bind().dialect.name == "sqlite":
        _runs_anew()
    else:
        op.add_column("runs", sa.Column("kernel_token", Whole))
        op.create_foreign_key(
            "fk_runs_kernel_token", "runs", "kernel_tokens", ["kernel_token"], ["seq"]
        )
    known = sa.text("kernel_token IS NOT NULL")
    op.create_index(
        "ix_runs_kernel_token",
        "runs",
        ["kernel_token"],
        sqlite_where=known,
        postgresql_where=known,
    )


def _kernel_tokens() -> None:
    op.create_table(
        "kernel_tokens",
        sa.Column("seq", Whole, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("user", Words, nullable=False),
        sa.Column("kernel_id", Words),
        sa.Column("run_id", Words),
        sa.Column("notebook", Words),
        sa.Column("notebook_at_start", Words),
        sa.Column("server", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("expires_at", Whole),
        sa.Column("revoked_at", Whole),
        sa.CheckConstraint(
            "(kernel_id IS NULL) <> (run_id IS NULL)", name="ck_kernel_tokens_of_one"
        ),
        sa.CheckConstraint(
            "(expires_at IS NULL) = (kernel_id IS NULL)", name="ck_kernel_tokens_expires"
        ),
        sa.CheckConstraint("length(digest) = 64", name="ck_kernel_tokens_digest_length"),
        sa.PrimaryKeyConstraint("seq", name="pk_kernel_tokens"),
        sa.UniqueConstraint("digest", name="uq_kernel_tokens_digest"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    live = sa.text("revoked_at IS NULL")
    for column in ("kernel_id", "run_id"):
        op.create_index(
            f"ix_kernel_tokens_{column}",
            "kernel_tokens",
            [column],
            sqlite_where=live,
            postgresql_where=live,
        )


def _runs_anew() -> None:
    """Make the table of SQLite anew: it cannot add a column that points at another table.

    The next run keeps its number: the number of one that is gone for good is not given again.
    """
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'runs'"))
    op.execute("CREATE TABLE runs_before AS SELECT * FROM runs")
    op.drop_table("runs")
    _make_runs()
    op.execute(f"INSERT INTO runs ({_COLUMNS}) SELECT {_COLUMNS} FROM runs_before")  # noqa: S608
    op.drop_table("runs_before")
    if last is not None:
        kept = {"last": last}
        for statement in (
            "DELETE FROM sqlite_sequence WHERE name = 'runs'",
            "INSERT INTO sqlite_sequence (name, seq) VALUES ('runs', :last)",
        ):
            connection.execute(sa.text(statement), kept if ":last" in statement else {})
    for columns in (
        ["status", "seq"],
        ["experiment_id", "deleted_at", "seq"],
        ["deleted_at", "seq"],
        ["notebook", "user"],
    ):
        op.create_index(f"ix_runs_{'_'.join(columns)}", "runs", columns)
    start = sa.text("coalesce(started_at, created_at)")
    op.create_index("ix_runs_experiment_id_start", "runs", ["experiment_id", start])


def _make_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("seq", Whole, nullable=False),
        sa.Column("run_id", Words, nullable=False),
        sa.Column("experiment_id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("status", Words, nullable=False),
        sa.Column("reason", Words),
        sa.Column("message", Words),
        sa.Column("source_type", Words, nullable=False),
        sa.Column("notebook", Words),
        sa.Column("user", Words, nullable=False),
        sa.Column("kernel_name", Words),
        sa.Column("time_limit", Real),
        sa.Column("save_to", Words),
        sa.Column("rerun_of", Words),
        sa.Column("source_digest", Words),
        sa.Column("executed_digest", Words),
        sa.Column("log_digest", Words),
        sa.Column("note", Words, server_default=sa.text("''"), nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("started_at", Whole),
        sa.Column("ended_at", Whole),
        sa.Column("duration_ms", Whole),
        sa.Column("deleted_at", Whole),
        sa.Column("cancel_requested", Flag, server_default=sa.text("0"), nullable=False),
        sa.Column("cells_done", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("cells_total", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("current_cell", Whole),
        sa.Column("failing_cell", Whole),
        sa.Column("cpu_seconds", Real),
        sa.Column("peak_memory_bytes", Whole),
        sa.Column("secrets_masked", Whole, server_default=sa.text("0"), nullable=False),
        sa.Column("autolog", Flag, server_default=sa.text("0"), nullable=False),
        sa.Column("key_series", Whole),
        sa.Column("version", Whole, server_default=sa.text("1"), nullable=False),
        sa.Column("kernel_token", Whole),
        sa.CheckConstraint("length(run_id) = 32", name="ck_runs_run_id_length"),
        sa.CheckConstraint(
            "status IN ('SCHEDULED', 'RUNNING', 'FINISHED', 'FAILED', 'KILLED')",
            name="ck_runs_status_known",
        ),
        sa.CheckConstraint(
            "(status IN ('FAILED', 'KILLED')) = (reason IS NOT NULL)", name="ck_runs_reason_given"
        ),
        sa.CheckConstraint("duration_ms >= 0", name="ck_runs_duration_positive"),
        sa.ForeignKeyConstraint(
            ["experiment_id"], ["experiments.id"], name="fk_runs_experiment_id"
        ),
        sa.ForeignKeyConstraint(
            ["kernel_token"], ["kernel_tokens.seq"], name="fk_runs_kernel_token"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_runs"),
        sa.UniqueConstraint("run_id", name="uq_runs_run_id"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
