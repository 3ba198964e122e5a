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
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    literal,
    not_,
    or_,
    select,
    union_all,
)

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.run_search import RunSearch, RunSearchPage
from jupyter_mlops.domain.search_shapes import split
from jupyter_mlops.domain.search_terms import AllOf, Comparison, Condition, Not, Order
from jupyter_mlops.store import client_runs, few_runs, value_indexes
from jupyter_mlops.store.client_runs import start_of
from jupyter_mlops.store.comparisons import one_of
from jupyter_mlops.store.few_runs import Few
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_terms import (
    Place,
    SortKey,
    condition,
    sort_key,
)
from jupyter_mlops.store.tables import INDEXED_CHARS, runs
from jupyter_mlops.store.value_indexes import LOGGED

# Up to so many experiments each is searched by itself and the results are merged, if that does not
# repeat too many values and sub-queries in one statement.
_APART = 20
_PIECES = 1_000
# SQLite takes 32,766 bound values in a statement, PostgreSQL twice as many.
_VALUES = 10_000
# So many statements are kept, of searches that are said in so many characters without their values.
_KNOWN = 64
_KNOWN_CHARS = 2_000
_LIMIT = "wanted"
_START_HINT = "INDEXED BY ix_runs_experiment_id_start"


# The runs by the start, which SQLite asks of before it looks up their rows: it reads an index only.
_BY_START = runs.alias("by_start")


@dataclass(frozen=True)
class _Driver:
    """What is walked before the rows of runs are looked up, and where it has a run from."""

    table: FromClause
    place: Place
    hint: str


@dataclass(frozen=True)
class _Phase:
    """One stretch of the order: which rows, walked along which table, sorted by which keys."""

    keys: tuple[SortKey, ...]
    conditions: tuple[ColumnElement[bool], ...] = ()
    driver: _Driver | None = None


def page(connection: Connection, search: RunSearch) -> RunSearchPage:
    """Return one page of the runs that match; InvalidRequest for a token that is not ours."""
    if _pieces(search.condition) > _VALUES:
        raise InvalidRequest("Invalid filter. It names too many values.", field="filter")
    # Experiments that are no experiments hold no runs.
    dialect = connection.dialect.name
    phases = _phases(dialect, search.order) if search.experiment_ids else ()
    number, last = _read(search.after, phases)
    wanted = search.limit + 1
    found: list[tuple[int, Sequence[Any]]] = []
    few, theirs = few_runs.condition(connection, search)
    shape, told = split(search.condition, INDEXED_CHARS)
    whole = replace(search, condition=shape, limit=0, after=None)
    make = _known if len(repr(shape)) <= _KNOWN_CHARS else _prepared
    while number < len(phases) and len(found) < wanted:
        missing = None if last is None else tuple(value is None for _, value in last)
        statement = make(dialect, whole, number, missing, few)
        values = {_LIMIT: wanted - len(found), **told, **theirs, **_last_values(last or [])}
        found += [(number, row) for row in statement.rows(connection, values)]
        number, last = number + 1, None
    more = len(found) >= wanted
    found = found[: search.limit]
    return RunSearchPage(
        runs=client_runs.load(connection, [row[0] for _, row in found]),
        next=_token(*found[-1]) if more else None,
    )


@lru_cache(maxsize=_KNOWN)
def _phases(dialect: str, order: tuple[Order, ...]) -> tuple[_Phase, ...]:
    rest = tuple(sort_key(item) for item in order[1:])
    first = order[0]
    if dialect == "sqlite" and (first.entity, first.key) == ("attribute", "start_time"):
        key = SortKey(start_of(_BY_START), first.descending, float)
        place = Place(_BY_START.c.seq, _BY_START.c.experiment_id)
        return (_Phase((key, *rest), driver=_Driver(_BY_START, place, _START_HINT)),)
    if first.entity not in LOGGED or first.key.startswith("mlflow."):
        return (_Phase((sort_key(first), *rest)),)
    table, column = LOGGED[first.entity]
    value = table.c[column]
    walked = table.c.key == first.key
    driver = _Driver(table, Place(table.c.run, table.c.experiment), value_indexes.hint(table))
    series = table.alias()
    absent = not_(exists().where(series.c.run == runs.c.seq, series.c.key == first.key))
    if first.entity != "metric":
        keys = (*_as_indexed(value, first.descending), *rest)
        return (_Phase(keys, (walked,), driver), _Phase(rest, (absent,)))
    return (
        _Phase(
            (SortKey(value, first.descending, float), *rest),
            (walked, value.is_not(None)),
            driver,
        ),
        _Phase(rest, (walked, value.is_(None)), driver),
        _Phase(rest, (absent,)),
    )


def _as_indexed(value: ColumnElement[str], descending: bool) -> tuple[SortKey, SortKey]:
    """Sort a text by the piece of it that is in the index, then by the whole."""
    return SortKey(value_indexes.piece(value), descending, str), SortKey(value, descending, str)


def _statement(
    dialect: str,
    search: RunSearch,
    number: int,
    missing: tuple[bool, ...] | None,
    few: Few | None = None,
) -> Select[Any]:
    """Return what finds the runs of one phase, up to a limit that is bound when it is executed.

    ``few`` is a condition that few runs meet: these are looked up and sorted, and no order is walked
    unless that is soon done.

    ``missing`` tells which values the last run of the page before does not have; the others, bound
    like the limit, are where the search goes on. None begins the phase.
    """
    phase, limit = _phases(dialect, search.order)[number], bindparam(_LIMIT, type_=Integer)
    ids = search.experiment_ids
    pieces = _pieces(search.condition) + len(search.order) ** 2
    apart = len(ids) <= _APART and len(ids) * pieces <= _PIECES
    walked = few is None or (few.walked and phase.driver is not None)
    groups = [[each] for each in ids] if apart and walked else [list(ids)]
    parts = [
        _walk(dialect, search, phase, missing, few, group if walked else None).limit(limit)
        for group in groups
    ]
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


def _prepared(
    dialect: str,
    search: RunSearch,
    number: int,
    missing: tuple[bool, ...] | None,
    few: Few | None,
) -> Prepared:
    return Prepared(_statement(dialect, search, number, missing, few))


# Making one takes longer than many a page, and people look at the same search again and again.
_known = lru_cache(maxsize=_KNOWN)(_prepared)


def _pieces(term: Condition) -> int:
    """Return how many values a condition binds, about."""
    if isinstance(term, Comparison):
        return 2 + (len(term.value) if isinstance(term.value, tuple) else 1)
    if isinstance(term, Not):
        return _pieces(term.condition)
    return sum(map(_pieces, term.conditions))


def _walk(
    dialect: str,
    search: RunSearch,
    phase: _Phase,
    missing: tuple[bool, ...] | None,
    few: Few | None,
    experiment_ids: list[int] | None,
) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [runs.c.seq]
    for number, key in enumerate(phase.keys):
        rank = literal(0) if key.rank is None else key.rank
        columns += [rank.label(f"rank{number}"), key.value.label(f"value{number}")]
    statement = select(*columns)
    place = Place(runs.c.seq, runs.c.experiment_id)
    if phase.driver is not None:
        # By the number in the index: only runs that match are looked up.
        place = phase.driver.place
        statement = statement.join_from(phase.driver.table, runs, runs.c.seq == place.run)
    if few is not None:
        statement = statement.where(place.run.in_(few_runs.numbers()))
    if experiment_ids is None:
        # Nothing of the experiment, or SQLite might go by the index of all its values.
        statement = statement.with_hint(runs, "NOT INDEXED", "sqlite")
    else:
        one = len(experiment_ids) == 1
        statement = statement.where(
            place.experiment == experiment_ids[0]
            if one
            else one_of(place.experiment, experiment_ids)
        )
        if phase.driver is not None:
            statement = statement.with_hint(phase.driver.table, phase.driver.hint, "sqlite")
    terms = enumerate(search.condition.conditions)
    others = AllOf(tuple(each for number, each in terms if few is None or number != few.place))
    statement = statement.where(*phase.conditions, condition(dialect, others, place))
    if search.stage != "all":
        deleted = runs.c.deleted_at.is_not(None)
        statement = statement.where(deleted if search.stage == "deleted" else ~deleted)
    if missing is not None:
        statement = statement.where(_behind(phase.keys, missing))
    return statement.order_by(*(clause for key in phase.keys for clause in key.clauses))


def _behind(keys: Sequence[SortKey], missing: tuple[bool, ...]) -> ColumnElement[bool]:
    """Return the condition that a run comes later in the order than the last one before."""
    later: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for place, (key, gone) in enumerate(zip(keys, missing, strict=True)):
        rank, value = bindparam(f"last_rank{place}", type_=Integer), _last_value(key, place)
        beyond = false() if gone else _beyond(key, value)
        same = key.value.is_(None) if gone else key.value == value
        if key.rank is not None:
            beyond = or_(key.rank > rank, and_(key.rank == rank, beyond))
            same = and_(key.rank == rank, same)
        later.append(and_(*equal, beyond))
        equal.append(same)
    first, value = keys[0], _last_value(keys[0], 0)
    if first.rank is None and not missing[0]:
        # Says nothing new, but where in the index the walk may begin.
        reached: ColumnElement[bool] = (
            first.value <= value if first.descending else first.value >= value
        )
        return and_(reached, or_(*later))
    return or_(*later)


def _last_value(key: SortKey, place: int) -> BindParameter[Any]:
    return bindparam(f"last_value{place}", type_=key.value.type)


def _last_values(last: Sequence[Any]) -> dict[str, Any]:
    """Return the values of the last run before, by the names under which they are bound."""
    return {
        f"last_{what}{place}": each
        for place, pair in enumerate(last)
        for what, each in zip(("rank", "value"), pair, strict=True)
    }


def _beyond(key: SortKey, value: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = key.value < value if key.descending else key.value > value
    return found


def _token(phase: int, row: Sequence[Any]) -> str:
    pairs = list(zip(row[1::2], row[2::2], strict=True))
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
