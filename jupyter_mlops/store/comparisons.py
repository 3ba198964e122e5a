"""How a value compares with what a search says, as bound SQL of either engine."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement

from jupyter_mlops.domain.like_patterns import to_glob, to_postgresql
from jupyter_mlops.domain.search_terms import Comparison

_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IN": lambda value, wanted: value.in_(wanted),
    "NOT IN": lambda value, wanted: value.not_in(wanted),
}


def compared(dialect: str, value: ColumnElement[Any], term: Comparison) -> ColumnElement[bool]:
    """Return how one value compares with what the term says; ``dialect`` names the engine's."""
    wanted: Any = term.value
    if term.operator in _PLAIN:
        result: ColumnElement[bool] = _PLAIN[term.operator](value, wanted)
        return result
    if term.operator not in ("LIKE", "ILIKE"):
        return value.is_(None) if term.operator == "IS NULL" else value.is_not(None)
    if dialect != "sqlite":
        pattern = to_postgresql(wanted)
        return value.like(pattern) if term.operator == "LIKE" else value.ilike(pattern)
    if term.operator == "LIKE":
        return value.op("GLOB", is_comparison=True)(to_glob(wanted))
    return value.like(wanted)
