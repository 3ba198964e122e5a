"""Statements that are asked all the time, compiled once.

In the embedded store SQLAlchemy's own work around a short statement takes ten times as long as the
statement. These go to its driver as they are; in PostgreSQL, where the way there takes longer than
either, SQLAlchemy executes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Executable
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql import FromClause
from sqlalchemy.sql.compiler import SQLCompiler

from jupyter_mlops.store import sqlite


class _HintingCompiler(SQLiteCompiler):
    """Writes which index to go by; SQLAlchemy's own compiler leaves that out for SQLite."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:
        """Return what stands behind the name of a table."""
        return text


class _Dialect(SQLiteDialect_pysqlite):
    statement_compiler = _HintingCompiler
    supports_statement_cache = True


@dataclass(frozen=True)
class _Compiled:
    """The text of a statement, and the values that it takes in their order.

    By place, what makes of a value what the driver takes, where its type has to; by name, what a
    value is where nobody gives it.
    """

    text: str
    names: list[str]
    processed: list[tuple[int, Callable[[Any], Any]]]
    constants: dict[str, Any]

    def taken(self, values: Mapping[str, Any]) -> list[Any]:
        """Return the values as the driver takes them."""
        if self.constants:
            values = self.constants | dict(values)
        row = list(map(values.__getitem__, self.names))
        for place, process in self.processed:
            row[place] = process(row[place])
        return row


class Prepared:
    """A statement with values bound by name; what it returns comes as the driver gives it.

    Where the engines spell it differently it is a function of the dialect's name.
    """

    def __init__(self, statement: Executable | Callable[[str], Executable]) -> None:
        self._statement = statement
        self._spelled: dict[str, Executable] = {}

    @cached_property
    def _compiled(self) -> _Compiled:
        engine = _Dialect()
        statement = cast(ClauseElement, self._of(engine.name))
        compiled = cast(SQLCompiler, statement.compile(dialect=engine))
        binds = compiled.binds
        names = list(compiled.positiontup or ())
        processes = [binds[name].type.dialect_impl(engine).bind_processor(engine) for name in names]
        return _Compiled(
            text=str(compiled),
            names=names,
            processed=[
                (place, process) for place, process in enumerate(processes) if process is not None
            ],
            constants={name: bind.value for name, bind in binds.items() if not bind.required},
        )

    def _of(self, name: str) -> Executable:
        if not callable(self._statement):
            return self._statement
        if name not in self._spelled:
            self._spelled[name] = self._statement(name)
        return self._spelled[name]

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return all rows; ``values`` are those of the bound parameters by name."""
        name = connection.dialect.name
        if name != "sqlite":
            return connection.execute(self._of(name), values).all()
        return sqlite.fetch(connection, self._compiled.text, self._compiled.taken(values))

    def change(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Execute what returns no rows."""
        name = connection.dialect.name
        if name != "sqlite":
            connection.execute(self._of(name), values)
        else:
            self.rows(connection, values)

    def change_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Execute it for many rows of values; none at all is fine."""
        name = connection.dialect.name
        if rows and name != "sqlite":
            connection.execute(self._of(name), rows)
        elif rows:
            sqlite.change_all(connection, self._compiled.text, map(self._compiled.taken, rows))
