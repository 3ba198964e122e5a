"""Lists of runs: filters, search, pages, and what a row shows."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import event

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import PARENT_TAG, Parameter, RunPage, RunStatus
from jupyter_mlops.store import metrics, parameters, runs, tags
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun, insert_run


def page(database: Database, **filters: object) -> RunPage:
    with database.read() as connection:
        return runs.page(connection, RunQuery(**filters))  # type: ignore[arg-type]


def ids(found: RunPage) -> list[str]:
    return [run.run_id for run in found.runs]


def test_an_empty_store_has_an_empty_page(database: Database) -> None:
    assert page(database) == RunPage(runs=[], total=0, next_cursor=None)


def test_pages_follow_one_another_without_gap_or_repeat(database: Database) -> None:
    with database.write() as connection:
        made = [insert_run(connection) for _ in range(25)]
    seen: list[str] = []
    cursor = None
    while True:
        found = page(database, limit=10, cursor=cursor)
        assert found.total == 25
        seen += ids(found)
        cursor = found.next_cursor
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_run_made_between_two_pages_does_not_shift_them(
    database: Database, new_run: NewRun
) -> None:
    made = [new_run() for _ in range(4)]
    first = page(database, limit=2)
    new_run()
    second = page(database, limit=2, cursor=first.next_cursor)
    assert ids(first) + ids(second) == made[::-1]


@pytest.mark.parametrize(
    "cursor", ["", "x", "r5", "é", base64.b64encode(b"r-1").decode(), "A" * 400]
)
def test_a_cursor_that_is_not_ours_is_refused(database: Database, cursor: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        page(database, cursor=cursor)
    assert refused.value.field == "cursor"


def test_filters_must_all_hold(database: Database, new_run: NewRun) -> None:
    wine = new_run(experiment="wine", notebook="a.ipynb")
    beer = new_run(experiment="beer", notebook="a.ipynb")
    other = new_run(experiment="wine", notebook="b.ipynb")
    with database.write() as connection:
        runs.start(connection, other, 5)
        state = runs.find(connection, wine)
        assert state is not None
        experiment_id = state.experiment_id
    assert ids(page(database, experiment_id=experiment_id)) == [other, wine]
    assert ids(page(database, notebook="a.ipynb")) == [beer, wine]
    assert ids(page(database, statuses=(RunStatus.RUNNING,))) == [other]
    assert ids(page(database, statuses=(RunStatus.RUNNING, RunStatus.SCHEDULED))) == [
        other,
        beer,
        wine,
    ]
    assert ids(page(database, experiment_id=experiment_id, notebook="a.ipynb")) == [wine]
    assert page(database, experiment_id=experiment_id + 99).total == 0


def test_the_trash_is_a_list_of_its_own(database: Database, new_run: NewRun) -> None:
    kept, gone = new_run(), new_run()
    with database.write() as connection:
        runs.trash(connection, gone, 7)
    assert ids(page(database)) == [kept]
    assert ids(page(database, deleted=True)) == [gone]


@pytest.mark.parametrize(
    "query",
    [
        "größe",
        "GRÖSSE",
        "folder/train",
        "alpha=0.1",
        "flavour",
        "zesty",
        "zesty größe",
        "100%",
        "under_score",
        "  zesty  ",
    ],
)
def test_a_search_finds_words_of_name_notebook_tags_and_parameters(
    database: Database, new_run: NewRun, query: str
) -> None:
    run_id = new_run(name="Größe 100% under_score", notebook="folder/train.ipynb")
    new_run(name="something else 1000 underXscore")
    with database.write() as connection:
        parameters.insert(
            connection,
            run_id,
            [Parameter(key="alpha", value=0.1, type="float", secret=False, origin="given")],
        )
        tags.set(connection, run_id, "flavour", "Zesty")
    found = page(database, text=query)
    assert (ids(found), found.total) == ([run_id], 1)


def test_a_search_forgets_what_was_changed_or_removed(database: Database, new_run: NewRun) -> None:
    run_id = new_run(name="before")
    with database.write() as connection:
        tags.set(connection, run_id, "mood", "sunny")
        tags.set(connection, run_id, "mood", "cloudy")
        runs.change(connection, run_id, name="after")
    assert [page(database, text=word).total for word in ("before", "sunny", "after cloudy")] == [
        0,
        0,
        1,
    ]
    with database.write() as connection:
        tags.remove(connection, run_id, "mood")
    assert page(database, text="cloudy").total == 0


def test_a_secret_cannot_be_searched_for(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        parameters.insert(
            connection,
            run_id,
            [Parameter(key="api_token", value="***", type="str", secret=True, origin="given")],
        )
    assert page(database, text="api_token").total == 0


def test_a_row_shows_the_first_metric_that_has_a_course(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()

    def shown_after(*keys: str) -> str:
        with database.write() as connection:
            points = [Point(key=key, value=1.0, step=0, timestamp=0) for key in keys]
            metrics.append(connection, run_id, points)
        row = page(database).runs[0]
        assert row.key_metric is not None
        return row.key_metric.key

    assert shown_after("baseline") == "baseline"
    assert shown_after("loss", "accuracy") == "baseline"
    assert shown_after("accuracy") == "accuracy"
    assert shown_after("loss", "baseline") == "accuracy"
    assert shown_after("late", "late") == "accuracy"
    with database.write() as connection:
        tags.set(connection, run_id, "mlops.key_metric", "baseline")
    assert shown_after("other", "other") == "baseline"


def test_a_row_shows_the_first_metric_or_the_one_that_a_tag_names(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    points = [
        Point(key=key, value=float(step), step=step, timestamp=step)
        for step in range(3)
        for key in ("loss", "accuracy")
    ]
    with database.write() as connection:
        metrics.append(connection, run_id, points)
    row = page(database).runs[0]
    assert row.key_metric is not None
    assert (row.key_metric.key, row.key_metric.value, row.sparkline) == ("loss", 2.0, [0, 1, 2])
    with database.write() as connection:
        tags.set(connection, run_id, "mlops.key_metric", "accuracy")
    row = page(database).runs[0]
    assert row.key_metric is not None
    assert row.key_metric.key == "accuracy"
    with database.write() as connection:
        tags.set(connection, run_id, "mlops.key_metric", "not logged yet")
    row = page(database).runs[0]
    assert row.key_metric is not None
    assert row.key_metric.key == "loss"
    with database.write() as connection:
        late = Point(key="not logged yet", value=0.5, step=0, timestamp=0)
        metrics.append(connection, run_id, [late])
    row = page(database).runs[0]
    assert row.key_metric is not None
    assert row.key_metric.key == "not logged yet"


def test_a_page_costs_the_same_number_of_queries_however_long_it_is(database: Database) -> None:
    with database.write() as connection:
        for _ in range(50):
            run_id = insert_run(connection)
            point = Point(key="loss", value=1.0, step=0, timestamp=0)
            metrics.append(connection, run_id, [point])
            tags.set(connection, run_id, "a", "b")
    counts = []
    for limit in (1, 50):
        statements: list[str] = []
        with database.read() as connection:
            event.listen(
                connection,
                "before_cursor_execute",
                lambda _c, _u, statement, *_, seen=statements: seen.append(statement),
            )
            assert len(runs.page(connection, RunQuery(limit=limit)).runs) == limit
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 3


def test_parts_of_a_run_name_it_and_are_found_by_it_in_whatever_experiment(
    database: Database, new_run: NewRun
) -> None:
    whole, other = new_run(name="whole"), new_run(name="other")
    parts = {
        new_run(name=name, experiment=experiment): named
        for name, experiment, named in (
            ("first", "Default", whole),
            ("second", "elsewhere", whole),
            ("of another", "Default", other),
            ("of none", "Default", "not the id of a run"),
        )
    }
    with database.write() as connection:
        for run_id, named in parts.items():
            tags.set(connection, run_id, PARENT_TAG, named)
    with database.read() as connection:
        page = runs.page(connection, RunQuery(parent=whole))
        named = {each.name: each.parent_run_id for each in runs.page(connection, RunQuery()).runs}
    assert ([each.name for each in page.runs], page.total) == (["second", "first"], 2)
    assert named == {
        "whole": None,
        "other": None,
        "first": whole,
        "second": whole,
        "of another": other,
        "of none": None,
    }
