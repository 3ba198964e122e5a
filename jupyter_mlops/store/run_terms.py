"""What a search for runs may name, as bound SQL: conditions, and values to sort by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)

from jupyter_mlops.domain.datasets import CONTEXT_TAG
from jupyter_mlops.domain.search_terms import AllOf, AnyOf, Comparison, Condition, Not, Order
from jupyter_mlops.store import value_indexes
from jupyter_mlops.store.client_runs import started_at
from jupyter_mlops.store.column_types import Words
from jupyter_mlops.store.comparisons import compared, one_of
from jupyter_mlops.store.tables import (
    dataset_input_tags,
    dataset_inputs,
    datasets,
    metric_series,
    parameters,
    runs,
    tags,
)

# What no text of a database holds.
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")

_OF_CODE = runs.c.source_type != "client"
_ATTRIBUTES: dict[str, ColumnElement[Any]] = {
    "run_id": runs.c.run_id,
    "run_name": runs.c.name,
    "user_id": runs.c.user,
    "status": runs.c.status,
    "artifact_uri": literal("mlflow-artifacts:/", Words)
    + cast(runs.c.experiment_id, Words)
    + literal("/", Words)
    + runs.c.run_id
    + literal("/artifacts", Words),
    "start_time": started_at,
    "end_time": runs.c.ended_at,
}
# Tags that are columns of ours, and what else stands for those that a client of MLflow sets.
_COLUMN_TAGS: dict[str, ColumnElement[Any]] = {
    "mlflow.runName": runs.c.name,
    "mlflow.note.content": func.nullif(runs.c.note, ""),
}
_DERIVED_TAGS: dict[str, ColumnElement[Any]] = {
    "mlflow.user": case((_OF_CODE, runs.c.user)),
    "mlflow.source.name": case((_OF_CODE, runs.c.notebook)),
    "mlflow.source.type": case(
        (one_of(runs.c.source_type, ("notebook", "interactive")), "NOTEBOOK"),
        (runs.c.source_type == "script", "LOCAL"),
    ),
}
# Where a value stands in an order: numbers, then NaN, then what is missing.
PRESENT, NOT_A_NUMBER, MISSING = 0, 1, 2


@dataclass(frozen=True)
class SortKey:
    """A value to sort by, and its rank, which does not turn with the direction; None: always 0.

    ``kind`` is what the values are in Python.
    """

    value: ColumnElement[Any]
    descending: bool
    kind: type[str] | type[float]
    rank: ColumnElement[int] | None = None

    def fits(self, value: object) -> bool:
        """Tell whether ``value`` could be one of its values."""
        if value is None:
            return self.rank is not None
        if self.kind is str:
            return type(value) is str and _UNSTORABLE.search(value) is None
        return type(value) is float or (type(value) is int and -(2**63) <= value < 2**63)

    @property
    def clauses(self) -> list[ColumnElement[Any]]:
        """What stands in ORDER BY."""
        value = self.value.desc() if self.descending else self.value.asc()
        return [value] if self.rank is None else [self.rank, value]


@dataclass(frozen=True)
class Place:
    """The number and the experiment of a run, from the row where a search meets it first."""

    run: ColumnElement[int]
    experiment: ColumnElement[int]


def condition(dialect: str, term: Condition, place: Place) -> ColumnElement[bool]:
    """Return a condition as SQL over ``runs`` and what was logged to the run at ``place``."""
    if isinstance(term, AllOf):
        # SQLite asks in this order: what leaves the fewest runs comes first.
        narrow_first = sorted(term.conditions, key=_is_wide)
        return and_(true(), *(condition(dialect, item, place) for item in narrow_first))
    if isinstance(term, AnyOf):
        return or_(*(condition(dialect, item, place) for item in term.conditions))
    if isinstance(term, Not):
        return not_(func.coalesce(condition(dialect, term.condition, place), False))
    return _comparison(dialect, term, place)


def _is_wide(term: Condition) -> bool:
    return not (isinstance(term, Comparison) and term.operator in ("=", "IN"))


def _comparison(dialect: str, term: Comparison, place: Place) -> ColumnElement[bool]:
    if term.entity == "attribute":
        return compared(dialect, _ATTRIBUTES[term.key], term)
    if term.entity == "metric":
        series = metric_series.alias()
        met = compared(dialect, series.c.value, term)
        if term.operator == "!=":
            # NaN, which is stored as NULL, differs from every number.
            met = or_(met, series.c.value.is_(None))
        return exists().where(series.c.run == place.run, series.c.key == term.key, met)
    if term.entity == "parameter":
        return _of_text(dialect, parameters, "text", term, place)
    if term.entity == "tag":
        expression = _tag(term.key)
        if expression is not None:
            return compared(dialect, expression, term)
        return _of_text(dialect, tags, "value", term, place)
    return _of_dataset(dialect, term, place.run)


def _of_dataset(dialect: str, term: Comparison, run: ColumnElement[int]) -> ColumnElement[bool]:
    """Ask whether a run read a data set of this name or digest, or one in this context."""
    if term.key == "context":
        said = dataset_input_tags.alias()
        met = compared(dialect, said.c.value, term)
        return exists().where(said.c.run == run, said.c.key == CONTEXT_TAG, met)
    read, known = dataset_inputs.alias(), datasets.alias()
    met = compared(dialect, known.c[term.key], term)
    return exists().where(read.c.run == run, known.c.id == read.c.dataset, met)


def _of_text(
    dialect: str, table: Table, column: str, term: Comparison, place: Place
) -> ColumnElement[bool]:
    rows = table.alias()
    there = exists().where(rows.c.run == place.run, rows.c.key == term.key)
    if term.operator == "IS NULL":
        return not_(there)
    if term.operator == "IS NOT NULL":
        return there
    if dialect == "sqlite" and value_indexes.tells(term):
        # All runs with this value lie together there, whereas their rows are all over the table.
        held = value_indexes.runs_that(
            term.entity, term.operator, place.experiment, term.key, term.value
        )
        return exists(held.where(held.selected_columns.run == place.run))
    return there.where(compared(dialect, rows.c[column], term))


def stands_in_columns(tag: str) -> bool:
    """Tell whether a tag is, or may be, said by columns of the run."""
    return tag in _COLUMN_TAGS or tag in _DERIVED_TAGS


def _tag(key: str) -> ColumnElement[Any] | None:
    if key in _COLUMN_TAGS:
        return _COLUMN_TAGS[key]
    if key in _DERIVED_TAGS:
        return func.coalesce(_stored(tags, "value", key), _DERIVED_TAGS[key])
    return None


def _stored(table: Table, column: str, key: str) -> ColumnElement[Any]:
    rows = table.alias()
    return (
        select(rows.c[column])
        .where(rows.c.run == runs.c.seq, rows.c.key == key)
        .correlate(runs)
        .scalar_subquery()
    )


def sort_key(order: Order) -> SortKey:
    """Return what to sort by for one key of an order, looked up for each run."""
    if order.entity == "metric":
        value = _stored(metric_series, "value", order.key)
        series = metric_series.alias()
        there = exists().where(series.c.run == runs.c.seq, series.c.key == order.key)
        rank: ColumnElement[int] | None = case(
            (not_(there), MISSING), (value.is_(None), NOT_A_NUMBER), else_=PRESENT
        )
        return SortKey(value, order.descending, float, rank)
    if order.entity == "attribute":
        value = _ATTRIBUTES[order.key]
        kind = float if order.key.endswith("_time") else str
        rank = _rank(value) if order.key == "end_time" else None
        return SortKey(value, order.descending, kind, rank)
    if order.entity == "parameter":
        value = _stored(parameters, "text", order.key)
    else:
        tag = _tag(order.key)
        value = _stored(tags, "value", order.key) if tag is None else tag
    return SortKey(value, order.descending, str, _rank(value))


def _rank(value: ColumnElement[Any]) -> ColumnElement[int]:
    return case((value.is_(None), MISSING), else_=PRESENT)
