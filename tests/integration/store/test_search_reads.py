"""A search, whatever its words, only reads, and only what lists show (security row S9)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.hostile_names import hostile_names
from tests.integration.store.conftest import insert_run

# What lists show of a run, its experiment and its key metric, and what they search through: no
# note, no orders (`spec`), no digest of what else was stored.
SHOWN = {
    *(("experiments", name) for name in ("id", "name")),
    *(
        ("metric_series", name)
        for name in (
            *("id", "key", "point_count", "value", "step", "timestamp"),
            *("minimum", "maximum", "sparkline", "sparkline_stride"),
        )
    ),
    *(("run_texts", name) for name in ("run", "text")),
    # The tag by which a run names the run that it is part of.
    *(("tags", name) for name in ("run", "key", "value")),
    *(
        ("runs", name)
        for name in (
            *("seq", "run_id", "name", "experiment_id", "status", "reason", "message"),
            *("source_type", "notebook", "user", "created_at", "started_at", "ended_at"),
            *("duration_ms", "cells_done", "cells_total", "current_cell", "failing_cell"),
            *("cancel_requested", "deleted_at", "version", "key_series"),
        )
    ),
}
HARMLESS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_RECURSIVE,
}
SQL = ["' OR 1=1 --", '"; DROP TABLE runs; --', "%", "_", "\\", "NULL", "*", "name:x", "x NEAR y"]
SIGNS = [
    "'",
    '"',
    "%",
    "_",
    "\\",
    ":",
    ":param_1",
    "?",
    "?1",
    "--",
    "/*",
    "*/",
    ";",
    "(",
    ")",
    "||",
    "OR",
    "IN",
    "\u0130",
    "\ud7ff",
]
WORDS = st.text(max_size=60) | st.sampled_from([*SQL, *(name[:250] for name in hostile_names())])


@pytest.fixture
def filled(home: Path) -> Iterator[Database]:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        kept = [insert_run(connection) for _ in range(3)]
        runs.trash(connection, kept[0], 1)
    yield database
    database.close()


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return what SQLAlchemy's connection stands on; the limit of reads stays in force."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def look(filled: Database, query: RunQuery) -> None:
    """Search, and look at all that the database is asked to do for it."""
    done: set[tuple[int, str | None, str | None]] = set()

    def note(action: int, first: str | None, second: str | None, *_: object) -> int:
        done.add((action, first, second))
        return sqlite3.SQLITE_OK

    with filled.read() as connection:
        driver = driver_of(connection)
        driver.set_authorizer(note)
        try:
            found = runs.page(connection, query)
        except InvalidRequest:
            assert query.cursor is not None
        else:
            assert found.total <= (1 if query.deleted else 2)
            assert (sqlite3.SQLITE_READ, "runs", "run_id") in done
        finally:
            driver.set_authorizer(None)
    assert {action for action, _, _ in done} - HARMLESS <= {sqlite3.SQLITE_READ}
    read = {(first, second) for action, first, second in done if action == sqlite3.SQLITE_READ}
    # Counting rows reads no column, which has the empty name.
    assert {(table, column) for table, column in read if column} <= SHOWN


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=WORDS,
    notebook=st.none() | WORDS,
    cursor=st.none() | WORDS,
    statuses=st.lists(st.sampled_from(RunStatus), max_size=3),
    deleted=st.booleans(),
)
def test_a_search_reads_nothing_but_what_lists_show(
    filled: Database,
    text: str,
    notebook: str | None,
    cursor: str | None,
    statuses: list[RunStatus],
    deleted: bool,
) -> None:
    look(
        filled,
        RunQuery(
            text=text, notebook=notebook, cursor=cursor, statuses=tuple(statuses), deleted=deleted
        ),
    )


class Searches:
    """Makes searches of pieces that mean something to SQL, LIKE or the door, without end."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311
        self._pieces = [*SQL, *SIGNS, *hostile_names(), *map(chr, range(1, 256))]

    def _words(self, most: int) -> str:
        pieces = self._chance.choices(self._pieces, k=self._chance.randrange(8))
        return self._chance.choice(("", " ")).join(pieces)[:most]

    def one(self) -> RunQuery:
        """Make the next search."""
        maybe = self._chance.random
        return RunQuery(
            text=self._words(250),
            notebook=self._words(1_024) if maybe() < 0.2 else None,
            cursor=self._words(500) if maybe() < 0.1 else None,
            statuses=tuple(self._chance.sample(list(RunStatus), self._chance.randrange(3))),
            deleted=maybe() < 0.3,
            experiment_id=self._chance.randrange(2**63) if maybe() < 0.1 else None,
            limit=self._chance.randrange(1, 1_001),
        )


def test_ten_thousand_searches_read_nothing_but_what_lists_show(filled: Database) -> None:
    searches = Searches(1)
    for _ in range(10_000):
        look(filled, searches.one())


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(4))
def test_a_million_searches_read_nothing_but_what_lists_show(filled: Database, part: int) -> None:
    searches = Searches(2 + part)
    for _ in range(250_000):
        look(filled, searches.one())


def test_the_notes_of_that_test_tell_a_write(filled: Database) -> None:
    done: list[int] = []
    with filled.write() as connection:
        driver = driver_of(connection)
        driver.set_authorizer(lambda action, *_: done.append(action) or sqlite3.SQLITE_OK)
        insert_run(connection)
        driver.set_authorizer(None)
    assert sqlite3.SQLITE_INSERT in done
