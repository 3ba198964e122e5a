"""How a value compares with what a search says, as bound SQL of either engine."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal

from jupyter_mlops.domain.like_patterns import to_glob, to_postgresql
from jupyter_mlops.domain.search_terms import Comparison, Later


def one_of(value: ColumnElement[Any], wanted: Iterable[Any]) -> ColumnElement[bool]:
    """Return whether a value is among those that are wanted, each bound by itself.

    A list becomes SQL only when SQLAlchemy executes it, which it does not do with a `Prepared`.
    """
    return value.in_([literal(each, value.type) for each in wanted])


# What is spelled alike on both engines.
PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IN": one_of,
    "NOT IN": lambda value, wanted: ~one_of(value, wanted),
}


def compared(dialect: str, value: ColumnElement[Any], term: Comparison) -> ColumnElement[bool]:
    """Return how one value compares with what the term says; ``dialect`` names the engine's."""
    wanted: Any = term.value
    if isinstance(wanted, Later):
        wanted = bindparam(wanted.name)
    if term.operator in PLAIN:
        result: ColumnElement[bool] = PLAIN[term.operator](value, wanted)
        return result
    if term.operator not in ("LIKE", "ILIKE"):
        return value.is_(None) if term.operator == "IS NULL" else value.is_not(None)
    if dialect != "sqlite":
        pattern = to_postgresql(wanted)
        return value.like(pattern) if term.operator == "LIKE" else value.ilike(pattern)
    if term.operator == "LIKE":
        return value.op("GLOB", is_comparison=True)(to_glob(wanted))
    return value.like(wanted)
