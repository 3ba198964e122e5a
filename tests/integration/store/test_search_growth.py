"""A page costs the same in a small store and in a large one, counted in what SQLite does for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from jupyter_mlops.domain.run_search import RunSearch
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import RUNS
from jupyter_mlops.domain.search_order import parse_order
from jupyter_mlops.store import run_search, tables
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.conftest import insert_run
from tests.integration.store.test_search_reads import driver_of

SMALL, LARGE = 2_000, 8_000


def fill(connection: Connection, count: int) -> None:
    """Make runs with two metrics, two parameters and a tag each, in a few statements."""
    insert_run(connection, source_type="client")
    first = dict(connection.execute(select(tables.runs)).mappings().one())
    own = {"experiment": first["experiment_id"]}
    numbers = range(first["seq"], first["seq"] + count)
    connection.execute(
        insert(tables.runs),
        [{**first, "seq": run, "run_id": f"{run:032x}", "created_at": run} for run in numbers[1:]],
    )
    series = {"point_count": 1, "step": 0, "timestamp": 1, "sparkline": [], "sparkline_stride": 1}
    connection.execute(
        insert(tables.metric_series),
        [
            {**own, **series, "run": run, "key": key, "value": value}
            for run in numbers
            for key, value in (("loss", run * 7_919 % 10_007 / 10_007), ("acc", run % 100 / 100))
        ],
    )
    logged = {"position": 0, "type": "str", "secret": False, "origin": "logged"}
    connection.execute(
        insert(tables.parameters),
        [
            {**own, **logged, "run": run, "key": key, "value": text, "text": text}
            for run in numbers
            for key, text in (("depth", str(run % 20)), ("place", str(run)))
        ],
    )
    connection.execute(
        insert(tables.tags),
        [{**own, "run": run, "key": "kind", "value": "abc"[run % 3]} for run in numbers],
    )


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Database]]:
    found: list[Database] = []
    for count in (SMALL, LARGE):
        folder: Path = tmp_path_factory.mktemp("home", numbered=True)
        folder.chmod(0o700)
        found.append(Database.open(folder / "store.db"))
        with found[-1].write() as connection:
            fill(connection, count)
    yield found
    for database in found:
        database.close()


def search(text: str, order: str) -> RunSearch:
    return RunSearch(
        experiment_ids=(0,),
        condition=parse_filter(text, RUNS),
        order=parse_order([order] if order else [], RUNS),
        stage="active",
        limit=10,
    )


def steps(database: Database, asked: RunSearch) -> int:
    """Return how many instructions SQLite takes for a page of runs."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    with database.read() as connection:
        run_search.page(connection, asked)
        driver_of(connection).set_progress_handler(count, 1)
        run_search.page(connection, asked)
        driver_of(connection).set_progress_handler(None, 0)
    return taken


@pytest.mark.parametrize("order", ["", "metrics.loss DESC", "metrics.absent ASC"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "params.depth = '7'",
        "tags.kind = 'b'",
        "metrics.acc >= 0.95",
        "metrics.acc > 0.5 and params.depth = '17'",
    ],
)
def test_what_many_runs_match_is_found_in_as_many_steps(
    stores: list[Database], text: str, order: str
) -> None:
    small, large = (steps(store, search(text, order)) for store in stores)
    assert large < 1.5 * small


@pytest.mark.parametrize(
    "order", ["", "metrics.loss DESC", "metrics.absent ASC", "params.depth ASC", "tags.kind DESC"]
)
@pytest.mark.parametrize(
    "text",
    [
        "params.place = '77'",
        "tags.`mlflow.parentRunId` = 'x'",
        "metrics.loss > 0.9999",
        "params.depth = 'none' and metrics.acc > 0.5",
        "metrics.acc > 0.5 and params.place = '77' and params.depth = '17'",
    ],
)
def test_what_few_runs_match_is_found_without_looking_at_the_others(
    stores: list[Database], text: str, order: str
) -> None:
    small, large = (steps(store, search(text, order)) for store in stores)
    assert large < 1.5 * small
    assert large < 1_000


def plan(database: Database, asked: RunSearch) -> list[str]:
    """Return how SQLite goes about the statement that finds the runs."""
    made: list[str] = []
    with database.read() as connection:
        driver = driver_of(connection)
        driver.set_trace_callback(made.append)
        run_search.page(connection, asked)
        driver.set_trace_callback(None)
        finding = next(each for each in made if "value0" in each)
        steps = [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {finding}")]
        # A newer SQLite has filters of its own in between, and tells of indexes in other words.
        steps = [step for step in steps if "BLOOM FILTER" not in step]
        return [step.replace("USING COVERING INDEX", "USING INDEX") for step in steps]


def test_a_walk_in_the_order_of_a_metric_reads_indexes_until_a_run_matches(
    stores: list[Database],
) -> None:
    found = plan(stores[-1], search("params.depth = '7'", "metrics.loss DESC"))
    assert found[0].startswith(
        "SEARCH metric_series USING INDEX ix_metric_series_experiment_key_value_run"
    )
    probe = next(step for step in found if "parameters" in step)
    assert "ix_parameters_experiment_key_text" in probe
    assert probe.count("=?") == 4
    assert found.index(probe) < next(
        place for place, step in enumerate(found) if step.startswith("SEARCH runs")
    )


def test_a_walk_in_the_order_of_starts_looks_up_runs_that_match_only(
    stores: list[Database],
) -> None:
    found = plan(stores[-1], search("metrics.acc >= 0.95", ""))
    assert found[0].startswith("SEARCH by_start USING INDEX ix_runs_experiment_id_start")
    assert "metric_series" in found[2]
    assert found[3].startswith("SEARCH runs USING INTEGER PRIMARY KEY")


@pytest.mark.parametrize("order", ["", "metrics.loss DESC", "params.depth ASC", "tags.kind ASC"])
def test_few_runs_are_looked_up_by_their_numbers(stores: list[Database], order: str) -> None:
    for text in ("params.place = '77'", "metrics.loss > 0.9999"):
        found = plan(stores[-1], search(text, order))
        scans = [step for step in found if step.startswith("SCAN") and "VIRTUAL" not in step]
        assert scans == []
        logged = "key_text" if "params" in text else "key_value_run"
        assert [step for step in found if "ix_" in step and logged not in step] == []


@pytest.mark.parametrize("order", ["", "metrics.acc DESC"])
def test_an_order_that_is_soon_walked_is_walked_past_all_but_the_few(
    stores: list[Database], order: str
) -> None:
    # 90 of 2,000 runs, and more than a page.
    found = plan(stores[0], search("metrics.loss > 0.955", order))
    walked = (
        "SEARCH metric_series USING INDEX ix_metric_series_experiment_key_value_run"
        if order
        else "SEARCH by_start USING INDEX ix_runs_experiment_id_start"
    )
    assert found[0].startswith(walked)
    assert "VIRTUAL TABLE" in found[2]
    assert found[3].startswith("SEARCH runs USING INTEGER PRIMARY KEY")


def test_an_order_that_takes_long_to_walk_is_not_walked_for_a_few(stores: list[Database]) -> None:
    # More than a page, and one in 300.
    asked = search("metrics.loss > 0.997", "metrics.acc DESC")
    assert steps(stores[-1], asked) < 6_000
