"""Logged models are found by all that is known of them, in MLflow's order."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from jupyter_mlops.domain.datasets import DatasetKey
from jupyter_mlops.domain.logged_models import (
    DatasetChoice,
    LoggedModelSearch,
    LoggedModelStatus,
    ModelPoint,
)
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import LOGGED_MODELS
from jupyter_mlops.domain.search_order import OrderClause, logged_model_order
from jupyter_mlops.store import experiments, logged_model_search, logged_models
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import insert_run
from tests.integration.store.test_logged_models import insert_model, log, point


@dataclass
class Shelf:
    """Three models, ``a``, ``b`` and ``c``, made one after the other and judged by two runs."""

    database: Database
    experiment: int
    ids: dict[str, str]
    run_id: str

    def names(
        self,
        text: str = "",
        *order: OrderClause,
        datasets: tuple[DatasetChoice, ...] = (),
        start: int = 0,
        limit: int = 100,
        extended: bool = False,
    ) -> str:
        """Return the names of what is found, one behind the other; ``+`` tells that there is more."""
        search = LoggedModelSearch(
            experiment_ids=(self.experiment,),
            condition=parse_filter(text, LOGGED_MODELS, extended=extended),
            order=logged_model_order(order),
            datasets=datasets,
            start=start,
            limit=limit,
        )
        with self.database.read() as connection:
            page = logged_model_search.page(connection, search)
        return "".join(each.name for each in page.models) + ("+" if page.more else "")


@pytest.fixture
def shelf(database: Database) -> Shelf:
    with database.write() as connection:
        experiment, _ = experiments.ensure(connection, "Default", 1)
        run_id, later = insert_run(connection), insert_run(connection)
        ids = {
            name: insert_model(connection, name=name, source_run_id=run_id, at=at)
            for name, at in (("a", 1), ("b", 2), ("c", 3))
        }
        gone = insert_model(connection, name="gone", at=9)
        logged_models.trash(connection, logged_models.find(connection, gone), 10)
        ready = logged_models.find(connection, ids["b"])
        logged_models.set_status(connection, ready, LoggedModelStatus.READY, 50)
        logged_models.add_parameters(connection, ready.seq, {"depth": "3", "odd[0] key": "x"})
        logged_models.set_tags(connection, ready.seq, {"Team": "North%"})
        train, test = DatasetKey("train", "1"), DatasetKey("test", "1")
        log(
            connection,
            run_id,
            ModelPoint(ids["a"], point("loss", 3.0, step=0, timestamp=1), train),
            ModelPoint(ids["a"], point("loss", 1.0, step=1, timestamp=2), train),
            ModelPoint(ids["b"], point("loss", 2.0, timestamp=1), test),
            ModelPoint(ids["a"], point("nan", math.nan)),
            ModelPoint(ids["b"], point("nan", 5.0)),
        )
        log(connection, later, ModelPoint(ids["a"], point("loss", 4.0, timestamp=3), test))
    return Shelf(database, experiment, ids, run_id)


def test_without_a_word_the_newest_come_first_and_deleted_ones_do_not(shelf: Shelf) -> None:
    assert shelf.names() == "cba"
    assert shelf.names(limit=2) == "cb+"
    assert shelf.names(start=2, limit=2) == "a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name = 'a'", "a"),
        ("name != 'a'", "cb"),
        ("name LIKE 'A'", ""),
        ("name ILIKE 'A'", "a"),
        ("name IN ('a', 'c')", "ca"),
        ("name NOT IN ('a', 'c')", "b"),
        ("status = 'READY'", "b"),
        ("creation_timestamp >= 2 AND creation_timestamp < 3", "b"),
        ("last_updated_timestamp > 3", "b"),
        ("model_type = ''", "cba"),
        ("params.depth = '3'", "b"),
        ("params.`odd[0] key` = 'x'", "b"),
        ("params.depth != '4'", "b"),
        ("tags.Team LIKE 'North%'", "b"),
        ("tags.team = 'North%'", ""),
        ("metrics.loss > 2.5", "a"),
        ("metrics.loss = 2", "b"),
        ("metrics.loss < 3.5 AND metrics.loss > 3.5", "a"),
        ("metrics.nan != 5", "a"),
        ("metrics.nan > 0", "b"),
        ("metrics.none = 1", ""),
    ],
)
def test_conditions_mean_what_they_mean_to_mlflow(shelf: Shelf, text: str, found: str) -> None:
    assert shelf.names(text) == found


def test_a_model_is_found_by_its_id_and_by_its_run(shelf: Shelf) -> None:
    assert shelf.names(f"model_id = '{shelf.ids['b']}'") == "b"
    assert shelf.names(f"source_run_id = '{shelf.run_id}' AND name = 'c'") == "c"


def test_the_wider_grammar_is_there_for_who_asks_for_it(shelf: Shelf) -> None:
    assert shelf.names("NOT (name = 'a' OR params.depth = '3')", extended=True) == "c"


@pytest.mark.parametrize(
    ("field", "ascending", "found"),
    [
        ("name", True, "abc"),
        ("name", False, "cba"),
        ("status", True, "cab"),
        ("creation_timestamp", True, "abc"),
        # The latest value counts, by time; what is missing comes last either way.
        ("metrics.loss", True, "bac"),
        ("metrics.loss", False, "abc"),
        ("metrics.nan", True, "bac"),
        ("metrics.nan", False, "bac"),
    ],
)
def test_models_are_sorted_by_attribute_or_metric(
    shelf: Shelf, field: str, ascending: bool, found: str
) -> None:
    assert shelf.names("", OrderClause(field, ascending)) == found


def test_a_data_set_narrows_the_metrics_of_filter_and_order(shelf: Shelf) -> None:
    train = (DatasetChoice("train"),)
    assert shelf.names("metrics.loss > 2.5", datasets=train) == "a"
    assert shelf.names("metrics.loss > 3.5", datasets=train) == ""
    assert shelf.names("metrics.loss > 3.5", datasets=(DatasetChoice("test", "1"),)) == "a"
    assert shelf.names("", datasets=train) == "a"
    assert shelf.names("name = 'b'", datasets=train) == ""
    assert shelf.names("", datasets=(DatasetChoice("test", "2"),)) == ""
    assert shelf.names("", OrderClause("metrics.loss", True, "train")) == "acb"


def test_another_experiment_has_none_of_them(shelf: Shelf) -> None:
    shelf.experiment += 100
    assert shelf.names() == ""
