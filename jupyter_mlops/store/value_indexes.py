"""The indexes that hold the runs of an experiment by the values that were logged to them.

An index holds the beginning of a text only; of one that is shorter, it holds all.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, bindparam, func, select, text

from jupyter_mlops.domain.search_terms import Comparison, Entity, Later, Operator
from jupyter_mlops.store.column_types import Words
from jupyter_mlops.store.comparisons import PLAIN
from jupyter_mlops.store.tables import INDEXED_CHARS, metric_series, parameters, tags

_RANGES = ("=", "<", "<=", ">", ">=")
# What is logged, where it is, and the column of its value.
LOGGED: dict[Entity, tuple[Table, str]] = {
    "metric": (metric_series, "value"),
    "parameter": (parameters, "text"),
    "tag": (tags, "value"),
}
_NAMES = {
    metric_series: "ix_metric_series_experiment_key_value_run",
    parameters: "ix_parameters_experiment_key_text",
    tags: "ix_tags_experiment_key_value",
}


def hint(table: Table) -> str:
    """Return what makes SQLite go by the index of a table."""
    return f"INDEXED BY {_NAMES[table]}"


def piece(value: ColumnElement[str]) -> ColumnElement[str]:
    """Return the beginning of a text, spelled as it is in the index."""
    return func.substr(value, text("1"), text(str(INDEXED_CHARS)), type_=Words)


def tells(term: Comparison) -> bool:
    """Tell whether the index alone says which runs meet a condition, and has them in one stretch."""
    if term.entity == "metric":
        return term.operator in _RANGES
    if term.entity not in LOGGED or term.operator != "=":
        return False
    if isinstance(term.value, Later):
        return term.value.short
    return isinstance(term.value, str) and len(term.value) < INDEXED_CHARS


def runs_that(
    entity: Entity, operator: Operator, experiment: Any, key: Any, value: Any
) -> Select[tuple[int]]:
    """Return the numbers of the runs that meet a condition that the index ``tells``.

    ``experiment``, ``key`` and ``value`` are values, or elements of SQL.
    """
    if isinstance(value, Later):
        value = bindparam(value.name)
    table, column = LOGGED[entity]
    rows = table.alias()
    held = rows.c[column] if entity == "metric" else piece(rows.c[column])
    return (
        select(rows.c.run)
        .with_hint(rows, hint(table), "sqlite")
        .where(rows.c.experiment == experiment, rows.c.key == key, PLAIN[operator](held, value))
    )
