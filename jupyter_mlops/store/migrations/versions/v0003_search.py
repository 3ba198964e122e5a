"""What MLflow's clients search by: experiments in the trash, tags of them, indexes of values."""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from alembic import op

from jupyter_mlops.domain.parameter_texts import parameter_text
from jupyter_mlops.store.column_types import Flag, Json, Real, Whole, Words

revision = "0003"
down_revision = "0002"

_ROWS_AT_ONCE = 1_000
# The statements below are put together of names and expressions of this module alone (S608).


def upgrade() -> None:
    """Give experiments a life, and rows that are searched the experiment of their run."""
    if op.get_bind().dialect.name == "sqlite":
        _experiments_anew()
        _tags_anew()
        _parameters_anew()
        _series_anew()
    else:
        _add_columns()
    _experiment_tags()
    _default_experiment()
    _parameter_texts()
    _indexes()


def _anew(name: str, columns: str, values: str, *parts: sa.schema.SchemaItem, rowid: bool) -> None:
    """Make a table of SQLite anew: it cannot add a column that may not be empty."""
    more = {} if rowid else {"sqlite_with_rowid": False}
    op.execute(f"CREATE TABLE {name}_before AS SELECT * FROM {name}")  # noqa: S608
    op.drop_table(name)
    numbered = {"sqlite_autoincrement": True} if rowid else {}
    op.create_table(name, *parts, sqlite_strict=True, **numbered, **more)
    op.execute(f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name}_before b")  # noqa: S608
    op.drop_table(f"{name}_before")


_EXPERIMENT = "(SELECT experiment_id FROM runs WHERE seq = b.run)"


def _experiments_anew() -> None:
    _anew(
        "experiments",
        "id, name, canonical_name, description, created_at, updated_at",
        "id, name, canonical_name, description, created_at, created_at",
        sa.Column("id", Whole, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("canonical_name", Words, nullable=False),
        sa.Column("description", Words, nullable=False),
        sa.Column("created_at", Whole, nullable=False),
        sa.Column("updated_at", Whole, nullable=False),
        sa.Column("deleted_at", Whole),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 500", name="ck_experiments_name_length"),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        rowid=True,
    )


def _tags_anew() -> None:
    _anew(
        "tags",
        "run, key, value, experiment",
        f"run, key, value, {_EXPERIMENT}",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.Column("experiment", Whole, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_tags_key_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_tags_run"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_tags"),
        rowid=False,
    )


def _parameters_anew() -> None:
    _anew(
        "parameters",
        "run, key, position, value, type, secret, origin, experiment, text",
        f"run, key, position, value, type, secret, origin, {_EXPERIMENT}, ''",
        sa.Column("run", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("position", Whole, nullable=False),
        sa.Column("value", Json, nullable=False),
        sa.Column("type", Words, nullable=False),
        sa.Column("secret", Flag, nullable=False),
        sa.Column("origin", Words, nullable=False),
        sa.Column("experiment", Whole, nullable=False),
        sa.Column("text", Words, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_parameters_key_length"),
        sa.CheckConstraint(
            "origin IN ('given', 'default', 'logged')", name="ck_parameters_origin_known"
        ),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_parameters_run"),
        sa.PrimaryKeyConstraint("run", "key", name="pk_parameters"),
        rowid=False,
    )


def _series_anew() -> None:
    kept = "point_count, value, step, timestamp, minimum, maximum, sparkline, sparkline_stride"
    _anew(
        "metric_series",
        f"id, run, key, experiment, {kept}",
        f"id, run, key, {_EXPERIMENT}, {kept}",
        sa.Column("id", Whole, nullable=False),
        sa.Column("run", Whole, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("point_count", Whole, nullable=False),
        sa.Column("experiment", Whole, nullable=False),
        sa.Column("value", Real),
        sa.Column("step", Whole, nullable=False),
        sa.Column("timestamp", Whole, nullable=False),
        sa.Column("minimum", Real),
        sa.Column("maximum", Real),
        sa.Column("sparkline", Json, nullable=False),
        sa.Column("sparkline_stride", Whole, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_metric_series_key_length"),
        sa.ForeignKeyConstraint(["run"], ["runs.seq"], name="fk_metric_series_run"),
        sa.PrimaryKeyConstraint("id", name="pk_metric_series"),
        rowid=True,
    )
    op.create_index("uq_metric_series_run_key", "metric_series", ["run", "key"], unique=True)


def _add_columns() -> None:
    op.drop_constraint("uq_experiments_canonical_name", "experiments")
    op.drop_constraint("ck_experiments_name_length", "experiments")
    op.create_check_constraint(
        "ck_experiments_name_length", "experiments", "length(name) BETWEEN 1 AND 500"
    )
    op.add_column("experiments", sa.Column("deleted_at", Whole))
    _add("experiments", "updated_at", Whole, "created_at")
    for name in ("tags", "parameters", "metric_series"):
        _add(name, "experiment", Whole, _EXPERIMENT)
    _add("parameters", "text", Words, "''")


def _add(table: str, column: str, kind: Any, value: str) -> None:
    op.add_column(table, sa.Column(column, kind))
    op.execute(f"UPDATE {table} b SET {column} = {value}")  # noqa: S608
    op.alter_column(table, column, nullable=False)


def _experiment_tags() -> None:
    op.create_table(
        "experiment_tags",
        sa.Column("experiment", Whole, autoincrement=False, nullable=False),
        sa.Column("key", Words, nullable=False),
        sa.Column("value", Words, nullable=False),
        sa.CheckConstraint("length(key) BETWEEN 1 AND 250", name="ck_experiment_tags_key_length"),
        sa.ForeignKeyConstraint(
            ["experiment"], ["experiments.id"], name="fk_experiment_tags_experiment"
        ),
        sa.PrimaryKeyConstraint("experiment", "key", name="pk_experiment_tags"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _default_experiment() -> None:
    """Give the experiment called Default the number 0, by which MLflow's clients know it."""
    connection = op.get_bind()
    old = connection.scalar(
        sa.text("SELECT id FROM experiments WHERE canonical_name = 'default'"),
    )
    columns = "name, canonical_name, description, created_at, updated_at"
    values = "'Default', 'default', '', :now, :now" if old is None else columns
    source = "" if old is None else " FROM experiments WHERE id = :old"
    for statement in (
        f"INSERT INTO experiments (id, {columns}) SELECT 0, {values}{source}",
        "UPDATE runs SET experiment_id = 0 WHERE experiment_id = :old",
        "UPDATE tags SET experiment = 0 WHERE experiment = :old",
        "UPDATE parameters SET experiment = 0 WHERE experiment = :old",
        "UPDATE metric_series SET experiment = 0 WHERE experiment = :old",
        "DELETE FROM experiments WHERE id = :old",
    ):
        bound = {"old": old, "now": int(time.time() * 1_000)}
        needed = {name: bound[name] for name in bound if f":{name}" in statement}
        connection.execute(sa.text(statement), needed)


def _parameter_texts() -> None:
    table = sa.table(
        "parameters",
        sa.column("run", Whole),
        sa.column("key", Words),
        sa.column("value", Json),
        sa.column("text", Words),
    )
    connection, after = op.get_bind(), (-1, "")
    place = sa.tuple_(table.c.run, table.c.key)
    while True:
        rows = connection.execute(
            sa.select(table.c.run, table.c.key, table.c.value)
            .where(place > sa.tuple_(*after))
            .order_by(table.c.run, table.c.key)
            .limit(_ROWS_AT_ONCE)
        ).all()
        if not rows:
            return
        connection.execute(
            sa.update(table)
            .where(table.c.run == sa.bindparam("of_run"), table.c.key == sa.bindparam("of_key"))
            .values(text=sa.bindparam("as_text")),
            [
                {"of_run": row.run, "of_key": row.key, "as_text": parameter_text(row.value)}
                for row in rows
            ],
        )
        after = (rows[-1].run, rows[-1].key)


def _indexes() -> None:
    living = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_experiments_canonical_name",
        "experiments",
        ["canonical_name"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    start = sa.text("coalesce(started_at, created_at)")
    op.create_index("ix_runs_experiment_id_start", "runs", ["experiment_id", start])
    for table, column in (("parameters", "text"), ("tags", "value")):
        piece = sa.text(f"substr({column}, 1, 100)")
        op.create_index(f"ix_{table}_experiment_key_{column}", table, ["experiment", "key", piece])
    op.create_index(
        "ix_metric_series_experiment_key_value", "metric_series", ["experiment", "key", "value"]
    )
