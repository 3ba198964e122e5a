"""Statements that are asked all the time, compiled once.

In the embedded store SQLAlchemy's own work around a short statement takes ten times as long as the
statement. These go to its driver as they are; in PostgreSQL, where the way there takes longer than
either, SQLAlchemy executes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite as dialect

from jupyter_mlops.store import sqlite


class Prepared:
    """A SELECT whose values are all bound by name, and go to and from the driver as they are.

    These are numbers and text; SQLAlchemy would check that a text can be stored, so it is for ids
    and what came from the store.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement

    @cached_property
    def _compiled(self) -> tuple[str, list[str]]:
        compiled = self._statement.compile(dialect=dialect.dialect())
        return str(compiled), list(compiled.positiontup or ())

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return all rows; ``values`` are those of the bound parameters by name."""
        if connection.dialect.name != "sqlite":
            return connection.execute(self._statement, values).all()
        text, names = self._compiled
        return sqlite.fetch(connection, text, [values[name] for name in names])
