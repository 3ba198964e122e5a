"""Conditions that few runs meet, as an index tells before the search: only those runs are looked at.

SQLite walks an order and asks of each run whether it matches, which takes the longer the fewer do,
and it does not know how many do. So the runs that meet a condition are found before, up to a few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, bindparam, func, select

from jupyter_mlops.domain.run_search import RunSearch
from jupyter_mlops.domain.search_terms import AllOf, Comparison, Entity, Operator
from jupyter_mlops.store import value_indexes
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_terms import stands_in_columns
from jupyter_mlops.store.tables import runs

# To look up six pages of runs takes as long as to walk an order in which one in forty matches. What is
# found in vain costs a tenth of either.
_OF_PAGE = 6
_LEAST, _MOST = 100, 1_000
# In each of them is looked.
_EXPERIMENTS = 20
# A filter may have many conditions.
_TRIED = 3
# So many runs are walked past in the time in which one is looked up.
_PASSED = 25
_NUMBERS = "few"


@dataclass(frozen=True)
class Few:
    """The place of a condition that few runs meet, and how these are found in an order.

    ``walked`` is an order that is soon walked, past all other runs; else each of the few is looked up.
    """

    place: int
    walked: bool


def condition(connection: Connection, search: RunSearch) -> tuple[Few | None, Mapping[str, Any]]:
    """Return which condition the fewest runs meet, if they are few, and the value of ``numbers``.

    Never in PostgreSQL.
    """
    if connection.dialect.name != "sqlite" or len(search.experiment_ids) > _EXPERIMENTS:
        return None, {}
    limit = min(max(_LEAST, _OF_PAGE * search.limit), _MOST)
    best: int | None = None
    numbers: list[str] = []
    for place, term in _promising(search.condition):
        count, found = _runs_that(connection, term, search.experiment_ids, limit)
        if count < limit:
            best, limit, numbers = place, count, found
    if best is None:
        return None, {}
    few = Few(best, walked=_is_soon_walked(connection, search, limit))
    return few, {_NUMBERS: f"[{','.join(numbers)}]"}


def numbers() -> Select[tuple[int]]:
    """Return the numbers of the few runs, whose value ``condition`` tells."""
    return select(func.json_each(bindparam(_NUMBERS)).table_valued("value").c.value)


def _is_soon_walked(connection: Connection, search: RunSearch, count: int) -> bool:
    """Tell whether to walk the order takes no longer than to look the few up, and may end early.

    The index of a text is slow to walk: SQLite reads the rows too.
    """
    if count <= search.limit or search.order[0].entity not in ("attribute", "metric"):
        return False
    return bool(_NEWEST.rows(connection, {})[0][0] <= _PASSED * count)


# There are at most as many runs in an order.
_NEWEST = Prepared(select(func.max(runs.c.seq)))


def _promising(condition: AllOf) -> list[tuple[int, Comparison]]:
    """Return the conditions to try, those first that are met by the fewest as a rule."""
    held = [
        (place, term)
        for place, term in enumerate(condition.conditions)
        if isinstance(term, Comparison)
        and value_indexes.tells(term)
        and not (term.entity == "tag" and stands_in_columns(term.key))
    ]
    return sorted(held, key=lambda each: each[1].operator != "=")[:_TRIED]


def _runs_that(
    connection: Connection, term: Comparison, experiment_ids: Sequence[int], limit: int
) -> tuple[int, list[str]]:
    """Return how many runs meet a condition, up to a limit, and their numbers with commas between."""
    finding, count, found = _finding(term.entity, term.operator), 0, []
    for each in experiment_ids:
        values = {"of": each, "named": term.key, "than": term.value, "most": limit - count}
        more, numbers = finding.rows(connection, values)[0]
        if more:
            count += more
            found.append(numbers)
        if count >= limit:
            break
    return count, found


@cache
def _finding(entity: Entity, operator: Operator) -> Prepared:
    met = value_indexes.runs_that(
        entity, operator, bindparam("of"), bindparam("named"), bindparam("than")
    )
    some = met.limit(bindparam("most", type_=Integer)).subquery()
    # As one row: a row for each would take as long again.
    return Prepared(select(func.count(), func.group_concat(some.c.run)).select_from(some))
