"""Statements about some of many: ``IN`` with room for so many values, prepared in a few sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Executable, bindparam

from jupyter_mlops.store.prepared import Prepared

# Places in a statement; one that is not needed repeats the last value.
_SIZES = (1, 25, 100, 500)
_NO_OTHERS: Mapping[str, Any] = {}


class Among:
    """A statement that finds what some values name; ``make`` gets the places that take them."""

    def __init__(self, make: Callable[[Sequence[BindParameter[Any]]], Executable]) -> None:
        self._make = make
        self._of_size = cache(self._prepare)

    def rows(
        self, connection: Connection, some: Sequence[Any], values: Mapping[str, Any] = _NO_OTHERS
    ) -> Sequence[Sequence[Any]]:
        """Return the rows for ``some`` values, whatever their number; ``values`` are bound beside."""
        if 0 < len(some) <= _SIZES[-1]:
            return self._rows_of_part(connection, some, values)
        return [
            row
            for start in range(0, len(some), _SIZES[-1])
            for row in self._rows_of_part(connection, some[start : start + _SIZES[-1]], values)
        ]

    def _rows_of_part(
        self, connection: Connection, part: Sequence[Any], values: Mapping[str, Any]
    ) -> Sequence[Sequence[Any]]:
        names = _names(next(size for size in _SIZES if size >= len(part)))
        places = dict.fromkeys(names, part[-1]) | dict(zip(names, part, strict=False))
        return self._of_size(len(names)).rows(connection, {**values, **places})

    def _prepare(self, size: int) -> Prepared:
        return Prepared(self._make([bindparam(name) for name in _names(size)]))


@cache
def _names(size: int) -> list[str]:
    return [f"place{number}" for number in range(size)]
