"""Logged models of MLflow 3 with their files, and the data sets that runs read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Real, Whole, Words

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables; nothing that is there changes."""
    _datasets()
    _dataset_inputs()
    _dataset_input_tags()
    _run_models()
    _logged_models()
    _logged_model_parameters()
    _logged_model_tags()
    _logged_model_metrics()
    _logged_model_artifacts()


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", Whole, nullable=False),
        sa.Column("experiment", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("source_type", Words, nullable=False),
        sa.Column("source", Words, nullable=False),
        sa.Column("schema", Words),
        sa.Column("profile", Words),
        sa.CheckConstraint("length(name) <= 500", name="ck_datasets_name_length"),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.id"], name="fk_datasets_experiment"),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_datasets_experiment_name_digest",
        "datasets",
        ["experiment", "name", "digest"],
        unique=True,
    )


def _dataset_inputs() -> None:
    op.create_table(
        "dataset_inputs",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("dataset", Whole, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"], name="fk_dataset_inputs_dataset"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_dataset_inputs_run"),
        sa.PrimaryKeyConstraint("run", "dataset", name="pk_dataset_inputs"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_dataset_inputs_dataset", "dataset_inputs", ["dataset"])


def _dataset_input_tags() -> None:
    op.create_table(
        "dataset_input_tags",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("dataset", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"], name="fk_dataset_input_tags_dataset"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_dataset_input_tags_run"),
        sa.PrimaryKeyConstraint("run", "dataset", "key", name="pk_dataset_input_tags"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _run_models() -> None:
    op.create_table(
        "run_models",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("role", Words, nullable=False),
        sa.Column("model_id", Words, nullable=False),
        sa.Column("step", Whole, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.CheckConstraint("role IN ('input', 'output')", name="ck_run_models_role_known"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_run_models_run"),
        sa.PrimaryKeyConstraint("run", "role", "model_id", name="pk_run_models"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _logged_models() -> None:
    op.create_table(
        "logged_models",
        sa.Column("seq", Whole, nullable=False),
        sa.Column("model_id", Words, nullable=False),
        sa.Column("experiment", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("model_type", Words),
        sa.Column("source_run_id", Words),
        sa.Column("status", Words, nullable=False),
        sa.Column("user", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("updated_at", Whole, nullable=False),
        sa.Column("deleted_at", Whole),
        sa.CheckConstraint("length(model_id) = 34", name="ck_logged_models_model_id_length"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 500", name="ck_logged_models_name_length"),
        sa.CheckConstraint(
            "status IN ('UNSPECIFIED', 'PENDING', 'READY', 'FAILED')",
            name="ck_logged_models_status_known",
        ),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name="fk_logged_models_experiment"
        ),
        sa.UniqueConstraint("model_id", name="uq_logged_models_model_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_logged_models"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_logged_models_deleted_at",
        "logged_models",
        ["deleted_at"],
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "ix_logged_models_experiment_created_at", "logged_models", ["experiment", "created_at"]
    )
    op.create_index("ix_logged_models_experiment_name", "logged_models", ["experiment", "name"])
    op.create_index("ix_logged_models_source_run_id", "logged_models", ["source_run_id"])


def _logged_model_parameters() -> None:
    op.create_table(
        "logged_model_parameters",
        sa.Column("model", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["logged_models.seq"], name="fk_logged_model_parameters_model"
        ),
        sa.PrimaryKeyConstraint("model", "key", name="pk_logged_model_parameters"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _logged_model_tags() -> None:
    op.create_table(
        "logged_model_tags",
        sa.Column("model", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.ForeignKeyConstraint(
            ["model"], ["logged_models.seq"], name="fk_logged_model_tags_model"
        ),
        sa.PrimaryKeyConstraint("model", "key", name="pk_logged_model_tags"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _logged_model_metrics() -> None:
    op.create_table(
        "logged_model_metrics",
        sa.Column("id", Whole, nullable=False),
        sa.Column("model", Whole, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("timestamp", Whole, nullable=False),
        sa.Column("step", Whole, nullable=False),
        sa.Column("run", Whole, nullable=False),
        sa.Column("dataset", Whole),
        sa.Column("value", Real),
        sa.CheckConstraint(
            "length(key) BETWEEN 1 AND 250", name="ck_logged_model_metrics_key_length"
        ),
        sa.ForeignKeyConstraint(
            ["dataset"], ["datasets.id"], name="fk_logged_model_metrics_dataset"
        ),
        sa.ForeignKeyConstraint(
            ["model"], ["logged_models.seq"], name="fk_logged_model_metrics_model"
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_logged_model_metrics_run"),
        sa.PrimaryKeyConstraint("id", name="pk_logged_model_metrics"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_logged_model_metrics_dataset", "logged_model_metrics", ["dataset"])
    op.create_index("ix_logged_model_metrics_run", "logged_model_metrics", ["run"])
    op.create_index(
        "uq_logged_model_metrics_point",
        "logged_model_metrics",
        ["model", "key", "timestamp", "step", "run", sa.text("coalesce(dataset, 0)")],
        unique=True,
    )


def _logged_model_artifacts() -> None:
    op.create_table(
        "logged_model_artifacts",
        sa.Column("model", Whole, autoincrement=False, nullable=False),
        sa.Column("path", Words, nullable=False),
        sa.Column("digest", Words, nullable=False),
        sa.Column("size", Whole, nullable=False),
        sa.Column("media_type", Words, nullable=False),
        sa.Column("preview", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.CheckConstraint("length(digest) = 71", name="ck_logged_model_artifacts_digest_length"),
        sa.ForeignKeyConstraint(
            ["model"], ["logged_models.seq"], name="fk_logged_model_artifacts_model"
        ),
        sa.PrimaryKeyConstraint("model", "path", name="pk_logged_model_artifacts"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_logged_model_artifacts_digest", "logged_model_artifacts", ["digest"])
