"""The handful of column types, each with its form on SQLite and on PostgreSQL.

SQLite's STRICT tables know INTEGER, REAL, TEXT and BLOB only; a type of SQLAlchemy that compiles to
anything else would be refused there, so every column of every table takes its type from here. What is
bound is bound a thousand times a request: the types give SQLAlchemy the function that does it, and
not one that it calls through two of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Double, Integer, LargeBinary, Text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

# Collation "C" makes PostgreSQL compare text by code points, as SQLite does.
_TEXT = Text(collation="C").with_variant(Text(), "sqlite")

Whole = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")
Bytes = LargeBinary()


class Words(TypeDecorator[str]):
    """Text that both engines can hold: NUL and lone surrogates become U+FFFD."""

    impl = _TEXT
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Replace what PostgreSQL or UTF-8 would refuse."""
        return _storable


def _storable(value: str | None) -> str | None:
    if value is None or (value.isascii() and "\x00" not in value):
        return value
    whole = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\ufffd")


class Real(TypeDecorator[float]):
    """A 64-bit float; NaN is stored as NULL, because SQLite has no NaN."""

    impl: TypeEngine[Any] = Double().with_variant(sqlite.REAL(), "sqlite")
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[float | None], float | None] | None:
        """Store NaN as NULL; SQLite does so by itself."""
        return None if dialect.name == "sqlite" else _number_or_nothing


def _number_or_nothing(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


class Flag(TypeDecorator[bool]):
    """True or false, as 1 or 0."""

    impl: TypeEngine[Any] = Integer()
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        """Store 1 or 0."""
        return None if value is None else int(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bool | None:
        """Return a bool."""
        return None if value is None else bool(value)


class Json(TypeDecorator[Any]):
    """Any JSON value, as text: its bytes survive unchanged on both engines."""

    impl = _TEXT
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str]:
        """Encode; Python's None is stored as JSON ``null``, never as NULL."""
        return _as_json

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """Decode; NULL (a column left out) is None too."""
        return None if value is None else msgspec.json.decode(value)


def _as_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
