"""What is asked all the time goes past SQLAlchemy, and means the same on both engines."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import Integer, bindparam, func, literal_column, select

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import Parameter
from jupyter_mlops.store import client_runs, metrics, parameters, sqlite, tags
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import runs
from tests.integration.store.conftest import insert_run


def test_rows_come_by_the_names_of_the_values(database: Database) -> None:
    with database.write() as connection:
        made = [insert_run(connection, name=name) for name in ("one", "two")]
    which = Prepared(
        select(runs.c.run_id, runs.c.name)
        .where(runs.c.name.in_([bindparam("b"), bindparam("a")]), runs.c.user == bindparam("who"))
        .order_by(runs.c.seq)
    )
    with database.read() as connection:
        found = which.rows(connection, {"who": "olive", "a": "one", "b": "two"})
        assert [tuple(row) for row in found] == [(made[0], "one"), (made[1], "two")]
        assert list(which.rows(connection, {"who": "nobody", "a": "one", "b": "two"})) == []


def test_a_prepared_read_that_takes_too_long_is_broken_off(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database.open(home / "store.db")
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.05)
    numbers = select(bindparam("start", type_=Integer).label("n")).cte("numbers", recursive=True)
    endless = numbers.union_all(select(literal_column("n + 1", Integer)).select_from(numbers))
    counting = Prepared(select(func.count()).select_from(endless))
    with pytest.raises(Unavailable, match="too long"), database.read() as connection:
        counting.rows(connection, {"start": 1})
    with database.read() as connection:
        assert list(Prepared(select(func.count()).select_from(runs)).rows(connection, {})) == [(0,)]
    database.close()


def test_a_snapshot_begins_however_long_its_connection_was_idle(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.5)
    monkeypatch.setattr(sqlite, "READERS", 1)
    # SQLite counts the steps of a statement over all of its executions, and looks after so many.
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 1)
    database = Database.open(home / "store.db")
    asking = Prepared(select(func.count()).select_from(runs))
    for _ in range(2):
        with database.read() as connection:
            assert list(asking.rows(connection, {})) == [(0,)]
        time.sleep(0.6)
    database.close()


@pytest.mark.parametrize("count", [0, 1, 2, 25, 26, 101, 501])
def test_any_number_of_runs_is_read_whole_and_in_the_order_asked_for(
    database: Database, count: int
) -> None:
    with database.write() as connection:
        made = [insert_run(connection, name=f"run {number}") for number in range(count)]
        for number, run_id in enumerate(made):
            point = Point(key="loss", value=number / 2, step=number, timestamp=5)
            metrics.append(connection, run_id, [point])
            depth = Parameter(
                key="depth", value=str(number), type="str", secret=False, origin="logged"
            )
            parameters.insert(connection, run_id, [depth])
            tags.set(connection, run_id, "kind", f"k{number}")
        backwards = [seq_of(connection, run_id) for run_id in reversed(made)]
    with database.read() as connection:
        found = client_runs.load(connection, backwards)
    assert [each.run_id for each in found] == made[::-1]
    for number, each in enumerate(reversed(found)):
        assert each.name == f"run {number}"
        assert [(point.value, point.step) for point in each.metrics] == [(number / 2, number)]
        assert each.parameters == {"depth": str(number)}
        assert each.tags == {"kind": f"k{number}"}


def test_texts_are_read_as_they_were_logged_in_the_order_of_their_keys(database: Database) -> None:
    texts = {
        "b": '"quoted" and \\ slashed',
        "a": "lines\r\n\ttabs \x01 \x7f \u2028",
        "ä": "\U0001f600 ü",
        'Z"\\': '{"a": 1}',
        "\uffee": "",
        "\U0001f600": "null",
    }
    with database.write() as connection:
        run_id = insert_run(connection)
        parameters.insert(
            connection,
            run_id,
            [
                Parameter(key=key, value=text, type="str", secret=False, origin="logged")
                for key, text in texts.items()
            ],
        )
        tags.set_all(connection, run_id, texts)
    with database.read() as connection:
        found = client_runs.get(connection, run_id)
    assert list(found.parameters.items()) == sorted(texts.items())
    assert list(found.tags.items()) == sorted(texts.items())
