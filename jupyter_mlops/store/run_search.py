"""Finding runs by what they logged, at the cost of the page asked for and not of the store.

The first key of an order decides which index is walked. A metric, parameter or tag is walked in its
own index, which holds the runs of an experiment by value; those without a value follow, in phases of
their own. What breaks ties is sorted within equal values only. A page ends where the next begins:
its token holds the phase and the values of the last run, not a number of runs to be skipped.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    union_all,
)

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.run_search import RunSearch, RunSearchPage
from jupyter_mlops.domain.search_terms import Comparison, Condition, Not, Order
from jupyter_mlops.store import client_runs
from jupyter_mlops.store.run_terms import SortKey, condition, sort_key
from jupyter_mlops.store.tables import INDEXED_CHARS, metric_series, parameters, runs, tags

# Up to so many experiments each is walked by itself and the results are merged, if that does not
# repeat too many values and sub-queries in one statement.
_WALKED = 20
_PIECES = 1_000
# SQLite takes 32,766 bound values in a statement, PostgreSQL twice as many.
_VALUES = 10_000
_DRIVERS: dict[str, tuple[Table, str]] = {
    "metric": (metric_series, "value"),
    "parameter": (parameters, "text"),
    "tag": (tags, "value"),
}


@dataclass(frozen=True)
class _Phase:
    """One stretch of the order: which rows, walked along which table, sorted by which keys."""

    keys: tuple[SortKey, ...]
    conditions: tuple[ColumnElement[bool], ...] = ()
    driver: Table | None = None


def page(connection: Connection, search: RunSearch) -> RunSearchPage:
    """Return one page of the runs that match; InvalidRequest for a token that is not ours."""
    if _pieces(search.condition) > _VALUES:
        raise InvalidRequest("Invalid filter. It names too many values.", field="filter")
    # Experiments that are no experiments hold no runs.
    phases = _phases(search.order) if search.experiment_ids else []
    number, last = _read(search.after, phases)
    wanted = search.limit + 1
    found: list[tuple[int, Row[Any]]] = []
    while number < len(phases) and len(found) < wanted:
        statement = _statement(connection, search, phases[number], last, wanted - len(found))
        found += [(number, row) for row in connection.execute(statement)]
        number, last = number + 1, None
    more = len(found) >= wanted
    found = found[: search.limit]
    return RunSearchPage(
        runs=client_runs.load(connection, [row.seq for _, row in found]),
        next=_token(*found[-1]) if more else None,
    )


def _phases(order: Sequence[Order]) -> list[_Phase]:
    rest = tuple(sort_key(item) for item in order[1:])
    first = order[0]
    if first.entity not in _DRIVERS or first.key.startswith("mlflow."):
        return [_Phase((sort_key(first), *rest))]
    table, column = _DRIVERS[first.entity]
    value = table.c[column]
    walked = table.c.key == first.key
    series = table.alias()
    absent = not_(exists().where(series.c.run == runs.c.seq, series.c.key == first.key))
    if first.entity != "metric":
        keys = (*_as_indexed(column, value, first.descending), *rest)
        return [_Phase(keys, (walked,), table), _Phase(rest, (absent,))]
    return [
        _Phase(
            (SortKey(value, first.descending, float), *rest),
            (walked, value.is_not(None)),
            metric_series,
        ),
        _Phase(rest, (walked, value.is_(None)), metric_series),
        _Phase(rest, (absent,)),
    ]


def _as_indexed(
    column: str, value: ColumnElement[str], descending: bool
) -> tuple[SortKey, SortKey]:
    """Sort a text by the piece of it that is in the index, then by the whole."""
    piece: ColumnElement[str] = func.substr(value, text("1"), text(str(INDEXED_CHARS)))
    return SortKey(piece, descending, str), SortKey(value, descending, str)


def _statement(
    connection: Connection,
    search: RunSearch,
    phase: _Phase,
    last: list[Any] | None,
    limit: int,
) -> Select[Any]:
    ids = search.experiment_ids
    pieces = _pieces(search.condition) + len(search.order) ** 2
    apart = len(ids) <= _WALKED and len(ids) * pieces <= _PIECES
    groups = [[each] for each in ids] if apart else [list(ids)]
    parts = [_walk(connection, search, phase, last, group).limit(limit) for group in groups]
    if len(parts) == 1:
        return parts[0]
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    clauses = [
        clause
        for place, key in enumerate(phase.keys)
        for clause in SortKey(
            merged.c[f"value{place}"],
            key.descending,
            key.kind,
            None if key.rank is None else merged.c[f"rank{place}"],
        ).clauses
    ]
    return select(merged).order_by(*clauses).limit(limit)


def _pieces(term: Condition) -> int:
    """Return how many values a condition binds, about."""
    if isinstance(term, Comparison):
        return 2 + (len(term.value) if isinstance(term.value, tuple) else 1)
    if isinstance(term, Not):
        return _pieces(term.condition)
    return sum(map(_pieces, term.conditions))


def _walk(
    connection: Connection,
    search: RunSearch,
    phase: _Phase,
    last: list[Any] | None,
    experiment_ids: list[int],
) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [runs.c.seq]
    for place, key in enumerate(phase.keys):
        rank = literal(0) if key.rank is None else key.rank
        columns += [rank.label(f"rank{place}"), key.value.label(f"value{place}")]
    statement = select(*columns)
    if phase.driver is None:
        within = runs.c.experiment_id
    else:
        within = phase.driver.c.experiment
        statement = statement.join_from(
            phase.driver, runs, runs.c.seq == phase.driver.c.run
        ).with_hint(phase.driver, _index_of(phase.driver), "sqlite")
    one = len(experiment_ids) == 1
    statement = statement.where(
        within == experiment_ids[0] if one else within.in_(experiment_ids),
        *phase.conditions,
        condition(connection, search.condition),
    )
    if search.stage != "all":
        deleted = runs.c.deleted_at.is_not(None)
        statement = statement.where(deleted if search.stage == "deleted" else ~deleted)
    if last is not None:
        statement = statement.where(_behind(phase.keys, last))
    return statement.order_by(*(clause for key in phase.keys for clause in key.clauses))


def _index_of(table: Table) -> str:
    column = "text" if table is parameters else "value"
    return f"INDEXED BY ix_{table.name}_experiment_key_{column}"


def _behind(keys: Sequence[SortKey], last: list[Any]) -> ColumnElement[bool]:
    """Return the condition that a run comes later in the order than one with the values ``last``."""
    later: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, (rank, value) in zip(keys, last, strict=True):
        beyond = false() if value is None else _beyond(key, value)
        same = key.value.is_(None) if value is None else key.value == value
        if key.rank is not None:
            beyond = or_(key.rank > rank, and_(key.rank == rank, beyond))
            same = and_(key.rank == rank, same)
        later.append(and_(*equal, beyond))
        equal.append(same)
    first, (_, value) = keys[0], last[0]
    if first.rank is None and value is not None:
        # Says nothing new, but where in the index the walk may begin.
        reached: ColumnElement[bool] = (
            first.value <= value if first.descending else first.value >= value
        )
        return and_(reached, or_(*later))
    return or_(*later)


def _beyond(key: SortKey, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = key.value < value if key.descending else key.value > value
    return found


def _token(phase: int, row: Row[Any]) -> str:
    values: Sequence[Any] = row[1:]
    pairs = list(zip(values[::2], values[1::2], strict=True))
    return base64.urlsafe_b64encode(json.dumps([phase, pairs]).encode()).decode()


def _read(token: str | None, phases: Sequence[_Phase]) -> tuple[int, list[Any] | None]:
    """Return the phase and the values that a token holds; they are bound, whatever they are."""
    if not token:
        return 0, None
    try:
        phase, pairs = json.loads(base64.urlsafe_b64decode(token.encode()))
        good = type(phase) is int and 0 <= phase < len(phases)
        good = good and len(pairs) == len(phases[phase].keys)
        good = good and all(
            type(rank) is int and 0 <= rank <= 2 and key.fits(value)
            for key, (rank, value) in zip(phases[phase].keys, pairs, strict=True)
        )
    except (ValueError, TypeError, binascii.Error, RecursionError):
        good = False
    if not good:
        raise InvalidRequest("Invalid page token, could not be decoded.", field="page_token")
    return phase, pairs
