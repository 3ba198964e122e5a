"""Experiments: one name, one experiment, whatever its case or width (row S30)."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiments import DEFAULT_EXPERIMENT
from jupyter_mlops.store import experiments, runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun

LOOK_ALIKES = [
    ("Wine", "WINE"),
    ("straße", "STRASSE"),
    ("ﬁsh", "fish"),
    ("\uff37\uff49\uff44\uff45", "wide"),
    ("①", "1"),
    ("café", "cafe\u0301"),
    ("ǅ", "ǆ"),
]


@pytest.mark.parametrize(("name", "other"), LOOK_ALIKES)
def test_names_that_look_alike_are_one(database: Database, name: str, other: str) -> None:
    with database.write() as connection:
        first, created = experiments.ensure(connection, name, 1)
        assert created
        assert experiments.ensure(connection, other, 2) == (first, False)
        found = experiments.by_name(connection, other)
    assert found is not None
    assert (found.experiment_id, found.name) == (first, name)
    with pytest.raises(Conflict), database.write() as connection:
        experiments.create(connection, other, "", 3)


def test_an_experiment_knows_its_runs_that_are_not_in_the_trash(
    database: Database, new_run: NewRun
) -> None:
    with database.write() as connection:
        unused = experiments.create(connection, "unused", "nothing yet", 1)
    new_run(experiment="old", created_at=100)
    new_run(experiment="new", created_at=300)
    gone = new_run(experiment="old", created_at=900)
    with database.write() as connection:
        runs.trash(connection, gone, 1_000)
    with database.read() as connection:
        found = experiments.latest(connection, 10)
        assert experiments.get(connection, unused).description == "nothing yet"
        with pytest.raises(NotFound):
            experiments.get(connection, 999)
        assert experiments.by_name(connection, "absent") is None
    made = [item for item in found if item.name != DEFAULT_EXPERIMENT]
    assert [(item.name, item.run_count, item.last_run_at) for item in made] == [
        ("new", 1, 300),
        ("old", 1, 100),
        ("unused", 0, None),
    ]


def test_of_64_who_create_one_name_at_once_one_wins(store_url: str) -> None:
    stores = [Database.open(store_url) for _ in range(4)]
    start = threading.Barrier(64)

    def create(number: int) -> str:
        start.wait()
        try:
            with stores[number % 4].write() as connection:
                experiments.create(connection, "Race" if number % 2 else "RACE", "", number)
        except Conflict:
            return "lost"
        return "won"

    try:
        with ThreadPoolExecutor(64) as pool:
            outcomes = list(pool.map(create, range(64)))
        with stores[0].read() as connection:
            assert experiments.count(connection) == 2  # with the one that always is
    finally:
        for store in stores:
            store.close()
    assert sorted(outcomes) == ["lost"] * 63 + ["won"]
