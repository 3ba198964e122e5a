"""Finding experiments: there are few of them, so that a scan of their table is enough."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, not_, select, true

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.experiment_search import ExperimentSearch
from jupyter_mlops.domain.search_terms import AllOf, Comparison, Condition
from jupyter_mlops.store.comparisons import compared
from jupyter_mlops.store.tables import experiment_tags, experiments

_ATTRIBUTES: dict[str, ColumnElement[Any]] = {
    "name": experiments.c.name,
    "experiment_id": experiments.c.id,
    "creation_time": experiments.c.created_at,
    "last_update_time": experiments.c.updated_at,
}


def ids(connection: Connection, search: ExperimentSearch) -> list[int]:
    """Return the numbers of the experiments that match, one more than a page if there is more."""
    statement = select(experiments.c.id).where(_condition(connection, search.condition))
    if search.stage != "all":
        deleted = experiments.c.deleted_at.is_not(None)
        statement = statement.where(deleted if search.stage == "deleted" else ~deleted)
    for order in search.order:
        column = _ATTRIBUTES[order.key]
        statement = statement.order_by(column.desc() if order.descending else column)
    return list(connection.scalars(statement.offset(search.start).limit(search.limit + 1)))


def _condition(connection: Connection, term: Condition) -> ColumnElement[bool]:
    if isinstance(term, AllOf):
        return and_(true(), *(_condition(connection, item) for item in term.conditions))
    if not isinstance(term, Comparison):
        raise InvalidRequest("Experiments are searched by conditions joined by AND.")
    if term.entity == "attribute":
        return compared(connection.dialect.name, _ATTRIBUTES[term.key], term)
    there = exists().where(
        experiment_tags.c.experiment == experiments.c.id, experiment_tags.c.key == term.key
    )
    if term.operator == "IS NULL":
        return not_(there)
    if term.operator == "IS NOT NULL":
        return there
    return there.where(compared(connection.dialect.name, experiment_tags.c.value, term))
