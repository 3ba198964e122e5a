"""What a search costs beside its rows: its statements are made once, and ask what is narrow first."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.run_search import RunSearch
from jupyter_mlops.domain.runs import Parameter
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import RUNS
from jupyter_mlops.domain.search_order import parse_order
from jupyter_mlops.store import metrics, parameters, run_search
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.conftest import insert_run
from tests.integration.store.test_search_reads import driver_of


@pytest.fixture
def filled(home: Path) -> Database:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        for number in range(400):
            run_id = insert_run(connection, name=f"run {number}")
            points = [
                Point(key=key, value=float(number), step=0, timestamp=1) for key in ("loss", "acc")
            ]
            metrics.append(connection, run_id, points)
            depth = Parameter(
                key="depth", value=str(number % 20), type="str", secret=False, origin="logged"
            )
            parameters.insert(connection, run_id, [depth])
    return database


def search(text: str, limit: int = 10, after: str | None = None) -> RunSearch:
    return RunSearch(
        experiment_ids=(0,),
        condition=parse_filter(text, RUNS),
        order=parse_order(["metrics.loss DESC"], RUNS),
        stage="active",
        limit=limit,
        after=after,
    )


def steps(connection: Connection, asked: RunSearch) -> int:
    """Return how many instructions SQLite takes for a page."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    driver_of(connection).set_progress_handler(count, 1)
    run_search.page(connection, asked)
    driver_of(connection).set_progress_handler(None, 0)
    return taken


def test_the_order_in_which_conditions_are_said_does_not_change_the_work(filled: Database) -> None:
    narrow, wide = "params.depth = '7'", "metrics.acc > 1"
    with filled.read() as connection:
        one = steps(connection, search(f"{narrow} and {wide}"))
        other = steps(connection, search(f"{wide} and {narrow}"))
        alone = steps(connection, search(narrow))
    assert one == other
    # The second condition is asked of the 20 runs only that meet the first.
    assert one - alone < 20 * 30
    filled.close()


def test_what_was_logged_is_asked_for_by_the_number_that_the_index_holds() -> None:
    """So SQLite asks it before it looks up the row of the run."""
    statement = str(run_search._statement("sqlite", search("params.depth = '7'"), 0, None))
    assert "parameters_1.run = metric_series.run" in statement


def test_a_search_that_comes_again_has_its_statements(filled: Database) -> None:
    run_search._known.cache_clear()
    with filled.read() as connection:
        first = run_search.page(connection, search("metrics.acc > 7"))
        made = run_search._known.cache_info().misses
        again = run_search.page(connection, search("metrics.acc > 7", limit=7))
        assert run_search._known.cache_info().misses == made
        other = run_search.page(connection, search("metrics.acc > 395"))
        # They are few, and the others were not; but what they are few of makes no difference.
        made = run_search._known.cache_info().misses
        fewer = run_search.page(connection, search("metrics.acc > 397"))
        assert run_search._known.cache_info().misses == made
    assert [run.name for run in first.runs][:7] == [run.name for run in again.runs]
    assert [run.name for run in other.runs] == ["run 399", "run 398", "run 397", "run 396"]
    assert [run.name for run in fewer.runs] == ["run 399", "run 398"]
    filled.close()


def test_pages_go_on_where_each_before_them_ended(filled: Database) -> None:
    names: list[str] = []
    after: str | None = None
    with filled.read() as connection:
        for _ in range(5):
            page = run_search.page(connection, search("metrics.acc >= 0", after=after))
            names += [run.name for run in page.runs]
            after = page.next
    assert names == [f"run {number}" for number in range(399, 349, -1)]
    filled.close()


def test_a_search_of_many_words_is_not_kept(filled: Database) -> None:
    run_search._known.cache_clear()
    words = ", ".join(f"'{number:032x}'" for number in range(100))
    with filled.read() as connection:
        assert run_search.page(connection, search(f"attributes.run_id IN ({words})")).runs == []
    assert run_search._known.cache_info().currsize == 0
    filled.close()
