"""Finding logged models by what is known of them, in MLflow's order.

A page is found by its offset. Each condition is looked up by the key of its table for the models of
the experiments asked for, which are few beside the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    case,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    true,
)

from jupyter_mlops.domain.logged_models import (
    METRICS_OF_ONE,
    METRICS_OF_PAGE,
    DatasetChoice,
    LoggedModelPage,
    LoggedModelSearch,
    LoggedModelStatus,
)
from jupyter_mlops.domain.search_terms import AllOf, AnyOf, Comparison, Condition, Not, Order
from jupyter_mlops.store import logged_models as model_rows
from jupyter_mlops.store.comparisons import compared
from jupyter_mlops.store.tables import (
    datasets,
    logged_model_metrics,
    logged_model_parameters,
    logged_model_tags,
    logged_models,
    runs,
)

_MODEL = logged_models.c
_ATTRIBUTES: dict[str, ColumnElement[Any]] = {
    "name": _MODEL.name,
    "model_id": _MODEL.model_id,
    # Not given is an empty text to MLflow's clients.
    "model_type": func.coalesce(_MODEL.model_type, ""),
    "source_run_id": func.coalesce(_MODEL.source_run_id, ""),
    "status": _MODEL.status,
    "creation_timestamp": _MODEL.created_at,
    "last_updated_timestamp": _MODEL.updated_at,
}
# MLflow sorts by the numbers that it has for them.
_STATUS_NUMBER = case(
    {status.value: number for number, status in enumerate(LoggedModelStatus)}, value=_MODEL.status
)
_TABLES: dict[str, Table] = {"parameter": logged_model_parameters, "tag": logged_model_tags}
_PRESENT, _NOT_A_NUMBER, _MISSING = 0, 1, 2


def page(connection: Connection, search: LoggedModelSearch) -> LoggedModelPage:
    """Return one page of the models that match."""
    if not search.experiment_ids:
        return LoggedModelPage(models=[], more=False)
    statement = (
        select(_MODEL.seq)
        .where(
            _MODEL.experiment.in_(search.experiment_ids),
            _MODEL.deleted_at.is_(None),
            _condition(connection, search.condition, search.datasets),
        )
        .order_by(*(clause for order in search.order for clause in _clauses(order)))
        .offset(search.start)
        .limit(search.limit + 1)
    )
    if search.datasets and not _names_metric(search.condition):
        statement = statement.where(_measured(search.datasets))
    found = list(connection.scalars(statement))
    metrics_of_each = min(METRICS_OF_ONE, METRICS_OF_PAGE // search.limit)
    return LoggedModelPage(
        models=model_rows.load(connection, found[: search.limit], metrics_of_each),
        more=len(found) > search.limit,
    )


def _condition(
    connection: Connection, term: Condition, chosen: Sequence[DatasetChoice]
) -> ColumnElement[bool]:
    if isinstance(term, AllOf):
        return and_(true(), *(_condition(connection, each, chosen) for each in term.conditions))
    if isinstance(term, AnyOf):
        return or_(false(), *(_condition(connection, each, chosen) for each in term.conditions))
    if isinstance(term, Not):
        return not_(func.coalesce(_condition(connection, term.condition, chosen), false()))
    return _comparison(connection, term, chosen)


def _comparison(
    connection: Connection, term: Comparison, chosen: Sequence[DatasetChoice]
) -> ColumnElement[bool]:
    if term.entity == "attribute":
        return compared(connection.dialect.name, _ATTRIBUTES[term.key], term)
    if term.entity != "metric":
        rows = _TABLES[term.entity].alias()
        met = compared(connection.dialect.name, rows.c.value, term)
        return exists().where(rows.c.model == _MODEL.seq, rows.c.key == term.key, met)
    values = logged_model_metrics.alias()
    met = compared(connection.dialect.name, values.c.value, term)
    if term.operator == "!=":
        # NaN, which is stored as NULL, differs from every number.
        met = or_(met, values.c.value.is_(None))
    there = exists().where(values.c.model == _MODEL.seq, values.c.key == term.key, met)
    return there.where(_on(values, chosen)) if chosen else there


def _names_metric(term: Condition) -> bool:
    if isinstance(term, (AllOf, AnyOf)):
        return any(_names_metric(each) for each in term.conditions)
    if isinstance(term, Not):
        return _names_metric(term.condition)
    return term.entity == "metric"


def _measured(chosen: Sequence[DatasetChoice]) -> ColumnElement[bool]:
    values = logged_model_metrics.alias()
    return exists().where(values.c.model == _MODEL.seq, _on(values, chosen))


def _on(values: FromClause, chosen: Sequence[DatasetChoice]) -> ColumnElement[bool]:
    """Return the condition that a value is about one of the data sets."""
    either = []
    for each in chosen:
        named = true() if each.name is None else datasets.c.name == each.name
        either.append(
            and_(named, true() if each.digest is None else datasets.c.digest == each.digest)
        )
    return values.c.dataset.in_(select(datasets.c.id).where(or_(*either)))


def _clauses(order: Order) -> list[ColumnElement[Any]]:
    if order.entity == "attribute":
        value = _STATUS_NUMBER if order.key == "status" else _ATTRIBUTES[order.key]
        return [value.desc() if order.descending else value.asc()]
    value = _latest(order).scalar_subquery()
    values = logged_model_metrics.alias()
    there = exists().where(values.c.model == _MODEL.seq, values.c.key == order.key)
    chosen = _chosen(order)
    if chosen:
        there = there.where(_on(values, chosen))
    rank = case((not_(there), _MISSING), (value.is_(None), _NOT_A_NUMBER), else_=_PRESENT)
    return [rank, value.desc() if order.descending else value.asc()]


def _chosen(order: Order) -> list[DatasetChoice]:
    if order.dataset_name is None and order.dataset_digest is None:
        return []
    return [DatasetChoice(order.dataset_name, order.dataset_digest)]


def _latest(order: Order) -> Select[Any]:
    """Return the value by which a model is sorted: of equally late ones the first run's."""
    values = logged_model_metrics.alias()
    statement = (
        select(values.c.value)
        .join(runs, runs.c.seq == values.c.run)
        .where(values.c.model == _MODEL.seq, values.c.key == order.key)
        .order_by(values.c.timestamp.desc(), values.c.step.desc(), runs.c.run_id, values.c.id)
        .limit(1)
        .correlate(logged_models)
    )
    chosen = _chosen(order)
    return statement.where(_on(values, chosen)) if chosen else statement
