"""A search, whatever its words, only reads, and only what lists show (security row S9)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import runs, sqlite
from jupyter_mlops.store.database import Database
from tests.hostile_names import hostile_names
from tests.integration.store.conftest import insert_run

SHOWN = {"cells", "experiments", "metric_series", "parameters", "run_texts", "runs", "tags"}
HARMLESS = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_RECURSIVE,
}
SQL = ["' OR 1=1 --", '"; DROP TABLE runs; --', "%", "_", "\\", "NULL", "*", "name:x", "x NEAR y"]
WORDS = st.text(max_size=60) | st.sampled_from([*SQL, *(name[:250] for name in hostile_names())])


@pytest.fixture
def filled(home: Path) -> Iterator[Database]:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        kept = [insert_run(connection) for _ in range(3)]
        runs.trash(connection, kept[0], 1)
    yield database
    database.close()


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
    done: set[tuple[int, str | None]] = set()

    def note(action: int, first: str | None, *_: object) -> int:
        done.add((action, first))
        return sqlite3.SQLITE_OK

    query = RunQuery(
        text=text, notebook=notebook, cursor=cursor, statuses=tuple(statuses), deleted=deleted
    )
    with filled.read() as connection:
        driver = sqlite.raw(connection)
        driver.set_authorizer(note)
        try:
            found = runs.page(connection, query)
        except InvalidRequest:
            assert cursor is not None
        else:
            assert found.total <= (1 if deleted else 2)
            assert (sqlite3.SQLITE_READ, "runs") in done
        finally:
            driver.set_authorizer(None)
    read = {table for action, table in done if action == sqlite3.SQLITE_READ}
    assert {action for action, _ in done} - HARMLESS <= {sqlite3.SQLITE_READ}
    assert read <= SHOWN


def test_the_notes_of_that_test_tell_a_write(filled: Database) -> None:
    done: list[int] = []
    with filled.write() as connection:
        driver = sqlite.raw(connection)
        driver.set_authorizer(lambda action, *_: done.append(action) or sqlite3.SQLITE_OK)
        insert_run(connection)
        driver.set_authorizer(None)
    assert sqlite3.SQLITE_INSERT in done
