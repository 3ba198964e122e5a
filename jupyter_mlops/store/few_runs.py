"""Conditions that few runs meet, as an index tells before the search: only those runs are looked at.

SQLite walks an order and asks of each run whether it matches, which takes the longer the fewer do,
and it does not know how many do. So the runs that meet a condition are counted before, up to a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Integer, SelectBase, bindparam, func, select, union_all

from jupyter_mlops.domain.run_search import RunSearch
from jupyter_mlops.domain.search_terms import AllOf, Comparison, Condition, Entity, Operator
from jupyter_mlops.store import value_indexes
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_terms import stands_in_columns

# To look up six pages of runs takes as long as to walk an order in which one in forty matches. What is
# counted in vain costs a tenth of either.
_OF_PAGE = 6
_LEAST, _MOST = 100, 1_000
# In each of them is counted.
_EXPERIMENTS = 20
# A filter may have many conditions.
_COUNTED = 3


def condition(connection: Connection, search: RunSearch) -> int | None:
    """Return the place of the condition that the fewest runs meet, if they are few; never in PostgreSQL."""
    if connection.dialect.name != "sqlite" or len(search.experiment_ids) > _EXPERIMENTS:
        return None
    limit = min(max(_LEAST, _OF_PAGE * search.limit), _MOST)
    best: int | None = None
    for place, term in _promising(search.condition):
        count = _count(connection, term, search.experiment_ids, limit)
        if count < limit:
            best, limit = place, count
    return best


def numbers(term: Condition, experiment_ids: Sequence[int]) -> SelectBase:
    """Return the numbers of the runs of these experiments that meet the term that ``condition`` found.

    Raises TypeError for another kind of term.
    """
    if not isinstance(term, Comparison):
        raise TypeError("no index holds which runs meet this condition")
    parts = [
        value_indexes.runs_that(term.entity, term.operator, each, term.key, term.value)
        for each in experiment_ids
    ]
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _promising(condition: AllOf) -> list[tuple[int, Comparison]]:
    """Return the conditions to count, those first that are met by the fewest as a rule."""
    held = [
        (place, term)
        for place, term in enumerate(condition.conditions)
        if isinstance(term, Comparison)
        and value_indexes.tells(term)
        and not (term.entity == "tag" and stands_in_columns(term.key))
    ]
    return sorted(held, key=lambda each: each[1].operator != "=")[:_COUNTED]


def _count(
    connection: Connection, term: Comparison, experiment_ids: Sequence[int], limit: int
) -> int:
    counting, count = _counting(term.entity, term.operator), 0
    for each in experiment_ids:
        values = {"of": each, "named": term.key, "than": term.value, "most": limit - count}
        count += counting.rows(connection, values)[0][0]
        if count >= limit:
            break
    return count


@cache
def _counting(entity: Entity, operator: Operator) -> Prepared:
    met = value_indexes.runs_that(
        entity, operator, bindparam("of"), bindparam("named"), bindparam("than")
    )
    some = met.limit(bindparam("most", type_=Integer)).subquery()
    return Prepared(select(func.count()).select_from(some))
