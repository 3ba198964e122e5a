"""Conditions without the values that they compare with: what many searches have in common."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_mlops.domain.search_terms import AllOf, AnyOf, Comparison, Condition, Later, Not, Value

_SINGLE = frozenset({"=", "!=", "<", "<=", ">", ">="})


def split(condition: AllOf, short: int) -> tuple[AllOf, Mapping[str, Value]]:
    """Return a condition whose single values are told later, and those values by their names.

    Lists and patterns stay. A text is ``short`` with fewer characters than that.
    """
    values: dict[str, Value] = {}
    return _all_of(condition, short, values), values


def _all_of(condition: AllOf, short: int, values: dict[str, Value]) -> AllOf:
    return AllOf(tuple(_without(each, short, values) for each in condition.conditions))


def _without(term: Condition, short: int, values: dict[str, Value]) -> Condition:
    if isinstance(term, AllOf):
        return _all_of(term, short, values)
    if isinstance(term, AnyOf):
        return AnyOf(tuple(_without(each, short, values) for each in term.conditions))
    if isinstance(term, Not):
        return Not(_without(term.condition, short, values))
    if term.operator not in _SINGLE:
        return term
    later = Later(
        name=f"told{len(values)}", short=isinstance(term.value, str) and len(term.value) < short
    )
    values[later.name] = term.value
    return Comparison(term.entity, term.key, term.operator, later)
