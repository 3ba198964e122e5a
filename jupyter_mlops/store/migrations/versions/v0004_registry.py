"""The model registry: registered models, their versions, tags and aliases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.store.column_types import Whole, Words

revision = "0004"
down_revision = "0003"

_LIVING = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Make the tables; nothing was registered before."""
    _registered_models()
    _tags("registered_model_tags", "model", "registered_models")
    _model_versions()
    _tags("model_version_tags", "version", "model_versions")
    _model_aliases()


def _registered_models() -> None:
    op.create_table(
        "registered_models",
        sa.Column("id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("canonical_name", Words, nullable=False),
        sa.Column("description", Words, nullable=False),
        sa.Column("user", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("updated_at", Whole, nullable=False),
        sa.Column("deleted_at", Whole),
        sa.Column("last_version", Whole, nullable=False, server_default=sa.text("0")),
        sa.CheckConstraint(
            "length(name) BETWEEN 1 AND 250", name="ck_registered_models_name_length"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registered_models"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_registered_models_canonical_name",
        "registered_models",
        ["canonical_name"],
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    )
    _indexes_of_living("registered_models", ["name"], ["updated_at"])


def _model_versions() -> None:
    op.create_table(
        "model_versions",
        sa.Column("id", Whole, nullable=False),
        sa.Column("model", Whole, nullable=False),
        sa.Column("number", Whole, nullable=False),
        sa.Column("description", Words, nullable=False),
        sa.Column("user", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("updated_at", Whole, nullable=False),
        sa.Column("deleted_at", Whole),
        sa.Column("stage", Words, nullable=False, server_default=sa.text("'None'")),
        sa.Column("source", Words, nullable=False),
        sa.Column("holder", Words, nullable=False),
        sa.Column("path", Words, nullable=False),
        sa.Column("run_id", Words),
        sa.Column("model_id", Words),
        sa.Column("run_link", Words, nullable=False),
        sa.CheckConstraint("number > 0", name="ck_model_versions_number_positive"),
        sa.CheckConstraint(
            "stage IN ('None', 'Staging', 'Production', 'Archived')",
            name="ck_model_versions_stage_known",
        ),
        sa.CheckConstraint(
            "(holder = 'run' AND run_id IS NOT NULL)"
            " OR (holder = 'logged_model' AND model_id IS NOT NULL)",
            name="ck_model_versions_holder_named",
        ),
        sa.ForeignKeyConstraint(
            ["model"], ["registered_models.id"], name="fk_model_versions_model"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_model_versions"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_model_versions_model_number", "model_versions", ["model", "number"], unique=True
    )
    _indexes_of_living("model_versions", ["model", "stage", "id"], ["updated_at"], ["created_at"])
    _indexes("model_versions", ["run_id"], ["model_id"])


def _tags(name: str, owner: str, owners: str) -> None:
    op.create_table(
        name,
        sa.Column(owner, Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name=f"ck_{name}_key_length"),
        sa.ForeignKeyConstraint([owner], [f"{owners}.id"], name=f"fk_{name}_{owner}"),
        sa.PrimaryKeyConstraint(owner, "key", name=f"pk_{name}"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _model_aliases() -> None:
    op.create_table(
        "model_aliases",
        sa.Column("model", Whole, autoincrement=False, nullable=False),
        sa.Column("canonical_alias", Words, nullable=False),
        sa.Column("alias", Words, nullable=False),
        sa.Column("version", Whole, nullable=False),
        sa.CheckConstraint("length(alias) BETWEEN 1 AND 255", name="ck_model_aliases_alias_length"),
        sa.ForeignKeyConstraint(["model"], ["registered_models.id"], name="fk_model_aliases_model"),
        sa.ForeignKeyConstraint(
            ["version"], ["model_versions.id"], name="fk_model_aliases_version"
        ),
        sa.PrimaryKeyConstraint("model", "canonical_alias", name="pk_model_aliases"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    _indexes("model_aliases", ["version"])


def _indexes(table: str, *indexes: list[str]) -> None:
    for columns in indexes:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)


def _indexes_of_living(table: str, *indexes: list[str]) -> None:
    for columns in indexes:
        op.create_index(
            f"ix_{table}_living_{'_'.join(columns)}",
            table,
            columns,
            sqlite_where=_LIVING,
            postgresql_where=_LIVING,
        )
