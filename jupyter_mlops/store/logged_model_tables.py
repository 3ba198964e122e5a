"""The tables of logged models and data sets; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, text

from jupyter_mlops.store.column_types import Real, Whole, Words
from jupyter_mlops.store.table_metadata import metadata


def _key_of(name: str, table: str) -> Column[int]:
    return Column(name, Whole, ForeignKey(table), primary_key=True, autoincrement=False)


datasets = Table(
    "datasets",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("experiment", Whole, ForeignKey("experiments.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("digest", Words, nullable=False),
    Column("source_type", Words, nullable=False),
    Column("source", Words, nullable=False),
    Column("schema", Words),
    Column("profile", Words),
    CheckConstraint("length(name) <= 500", name="name_length"),
    Index("uq_datasets_experiment_name_digest", "experiment", "name", "digest", unique=True),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

dataset_inputs = Table(
    "dataset_inputs",
    metadata,
    _key_of("run", "runs.seq"),
    Column(
        "dataset",
        Whole,
        ForeignKey("datasets.id"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

dataset_input_tags = Table(
    "dataset_input_tags",
    metadata,
    _key_of("run", "runs.seq"),
    _key_of("dataset", "datasets.id"),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# What a run says of models. No foreign key: MLflow's clients name models of other servers, too,
# and a run goes on saying what it made.
run_models = Table(
    "run_models",
    metadata,
    _key_of("run", "runs.seq"),
    Column("role", Words, primary_key=True),
    Column("model_id", Words, primary_key=True),
    Column("step", Whole, nullable=False),
    Column("position", Whole, nullable=False),
    CheckConstraint("role IN ('input', 'output')", name="role_known"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

logged_models = Table(
    "logged_models",
    metadata,
    Column("seq", Whole, primary_key=True),
    Column("model_id", Words, nullable=False, unique=True),
    Column("experiment", Whole, ForeignKey("experiments.id"), nullable=False),
    Column("name", Words, nullable=False),
    Column("model_type", Words),
    # No foreign key: a model that a registered version names outlives its run.
    Column("source_run_id", Words, index=True),
    Column("status", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("updated_at", Whole, nullable=False),
    Column("deleted_at", Whole),
    CheckConstraint("length(model_id) = 34", name="model_id_length"),
    CheckConstraint("length(name) BETWEEN 1 AND 500", name="name_length"),
    CheckConstraint("status IN ('UNSPECIFIED', 'PENDING', 'READY', 'FAILED')", name="status_known"),
    # A client asks for one by its name all the time.
    Index(None, "experiment", "name"),
    Index(None, "experiment", "created_at"),
    Index(
        "ix_logged_models_deleted_at",
        "deleted_at",
        sqlite_where=text("deleted_at IS NOT NULL"),
        postgresql_where=text("deleted_at IS NOT NULL"),
    ),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

logged_model_parameters = Table(
    "logged_model_parameters",
    metadata,
    _key_of("model", "logged_models.seq"),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

logged_model_tags = Table(
    "logged_model_tags",
    metadata,
    _key_of("model", "logged_models.seq"),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

logged_model_metrics = Table(
    "logged_model_metrics",
    metadata,
    # Order of arrival.
    Column("id", Whole, primary_key=True),
    Column("model", Whole, ForeignKey("logged_models.seq"), nullable=False),
    Column("key", Words, nullable=False),
    Column("timestamp", Whole, nullable=False),
    Column("step", Whole, nullable=False),
    Column("run", Whole, ForeignKey("runs.seq"), nullable=False, index=True),
    Column("dataset", Whole, ForeignKey("datasets.id"), index=True),
    Column("value", Real),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    # A value that is sent again is the same one.
    Index(
        "uq_logged_model_metrics_point",
        "model",
        "key",
        "timestamp",
        "step",
        "run",
        text("coalesce(dataset, 0)"),
        unique=True,
    ),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

logged_model_artifacts = Table(
    "logged_model_artifacts",
    metadata,
    _key_of("model", "logged_models.seq"),
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
