"""The tables of the model registry; what ``tables.py`` says of changes holds here too."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, text

from jupyter_mlops.store.column_types import Whole, Words
from jupyter_mlops.store.table_metadata import metadata

_LIVING = text("deleted_at IS NULL")


def _of_living(table: str, *columns: str) -> Index:
    """Return an index of what is not in the trash: PostgreSQL walks no other in its order."""
    name = f"ix_{table}_living_{'_'.join(columns)}"
    return Index(name, *columns, sqlite_where=_LIVING, postgresql_where=_LIVING)


registered_models = Table(
    "registered_models",
    metadata,
    Column("id", Whole, primary_key=True),
    Column("name", Words, nullable=False),
    # NFKC + casefold of the name (security row S30).
    Column("canonical_name", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("updated_at", Whole, nullable=False),
    Column("deleted_at", Whole),
    # Numbers count up and are never given twice, whatever is deleted.
    Column("last_version", Whole, nullable=False, server_default=text("0")),
    CheckConstraint("length(name) BETWEEN 1 AND 250", name="name_length"),
    # A name in the trash is free.
    Index(
        "uq_registered_models_canonical_name",
        "canonical_name",
        unique=True,
        sqlite_where=_LIVING,
        postgresql_where=_LIVING,
    ),
    # The two orders of a search.
    _of_living("registered_models", "name"),
    _of_living("registered_models", "updated_at"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

registered_model_tags = Table(
    "registered_model_tags",
    metadata,
    Column(
        "model", Whole, ForeignKey("registered_models.id"), primary_key=True, autoincrement=False
    ),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

model_versions = Table(
    "model_versions",
    metadata,
    # Grows with the number within a model.
    Column("id", Whole, primary_key=True),
    Column("model", Whole, ForeignKey("registered_models.id"), nullable=False),
    Column("number", Whole, nullable=False),
    Column("description", Words, nullable=False),
    Column("user", Words, nullable=False),
    Column("created_at", Whole, nullable=False),
    Column("updated_at", Whole, nullable=False),
    Column("deleted_at", Whole),
    Column("stage", Words, nullable=False, server_default=text("'None'")),
    # What made it; none of this ever changes. The address is the client's own wording.
    Column("source", Words, nullable=False),
    Column("holder", Words, nullable=False),
    Column("path", Words, nullable=False),
    # No foreign keys: a version outlives what it was made from.
    Column("run_id", Words),
    Column("model_id", Words),
    Column("run_link", Words, nullable=False),
    CheckConstraint("number > 0", name="number_positive"),
    CheckConstraint("stage IN ('None', 'Staging', 'Production', 'Archived')", name="stage_known"),
    CheckConstraint(
        "(holder = 'run' AND run_id IS NOT NULL)"
        " OR (holder = 'logged_model' AND model_id IS NOT NULL)",
        name="holder_named",
    ),
    Index("uq_model_versions_model_number", "model", "number", unique=True),
    # The newest of each stage.
    _of_living("model_versions", "model", "stage", "id"),
    # Two orders of a search.
    _of_living("model_versions", "updated_at"),
    _of_living("model_versions", "created_at"),
    Index(None, "run_id"),
    Index(None, "model_id"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

model_version_tags = Table(
    "model_version_tags",
    metadata,
    Column(
        "version", Whole, ForeignKey("model_versions.id"), primary_key=True, autoincrement=False
    ),
    Column("key", Words, primary_key=True),
    Column("value", Words, nullable=False),
    CheckConstraint("length(key) BETWEEN 1 AND 250", name="key_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column(
        "model", Whole, ForeignKey("registered_models.id"), primary_key=True, autoincrement=False
    ),
    # Names that look alike are one (security row S30).
    Column("canonical_alias", Words, primary_key=True),
    Column("alias", Words, nullable=False),
    Column("version", Whole, ForeignKey("model_versions.id"), nullable=False, index=True),
    CheckConstraint("length(alias) BETWEEN 1 AND 255", name="alias_length"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)
