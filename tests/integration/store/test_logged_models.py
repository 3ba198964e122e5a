"""Logged models keep parameters, tags, files, and what runs found out about them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.datasets import DatasetKey
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound, TooLarge
from jupyter_mlops.domain.logged_models import (
    MAXIMUM,
    LoggedModelStatus,
    ModelMetric,
    ModelPoint,
    new_model_id,
)
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import (
    artifacts,
    experiments,
    logged_model_artifacts,
    logged_model_metrics,
    logged_models,
    runs,
)
from jupyter_mlops.store.database import Connection, Database
from jupyter_mlops.store.run_keys import place_of
from tests.integration.store.conftest import NewRun

NewModel = Callable[..., str]


def insert_model(
    connection: Connection, *, name: str = "model", source_run_id: str | None = None, at: int = 1
) -> str:
    """Make a model in the experiment Default and return its id."""
    experiment_id, _ = experiments.ensure(connection, "Default", 1)
    row = logged_models.NewModelRow(
        model_id=new_model_id(),
        experiment=experiment_id,
        name=name,
        model_type=None,
        source_run_id=source_run_id,
        user="olive",
        created_at=at,
    )
    logged_models.insert(connection, row)
    return row.model_id


@pytest.fixture
def new_model(database: Database) -> NewModel:
    """Make a model in a transaction of its own and return its id."""

    def make(**fields: object) -> str:
        with database.write() as connection:
            return insert_model(connection, **fields)  # type: ignore[arg-type]

    return make


def seq_of(connection: Connection, model_id: str) -> int:
    return logged_models.find(connection, model_id).seq


def point(key: str = "loss", value: float = 0.5, step: int = 0, timestamp: int = 9) -> Point:
    return Point(key=key, value=value, step=step, timestamp=timestamp)


def log(connection: Connection, run_id: str, *points: ModelPoint) -> None:
    models = logged_models.numbers(connection, {each.model_id for each in points})
    logged_model_metrics.append(connection, place_of(connection, run_id), models, points)


def artifact(path: str, digit: str = "a") -> Artifact:
    return Artifact(
        path=path,
        digest=f"sha256:{digit * 64}",
        size=1,
        media_type="text/plain",
        preview="text",
        created_at=1,
    )


def test_a_model_waits_for_its_files_and_knows_where_it_came_from(
    database: Database, new_model: NewModel
) -> None:
    model_id = new_model(name="iris", source_run_id="a" * 32, at=7)
    with database.read() as connection:
        found = logged_models.get(connection, model_id)
    assert (found.name, found.status, found.source_run_id, found.created_at) == (
        "iris",
        LoggedModelStatus.PENDING,
        "a" * 32,
        7,
    )
    assert (found.parameters, found.tags, found.metrics) == ([], [], [])


def test_an_unknown_model_is_not_found(database: Database) -> None:
    with database.read() as connection:
        with pytest.raises(NotFound, match="Logged model with ID 'm-0"):
            logged_models.get(connection, "m-" + "0" * 32)
        with pytest.raises(NotFound):
            logged_models.numbers(connection, ["m-" + "0" * 32])


def test_a_run_is_asked_for_the_model_that_it_made_last_by_a_name(
    database: Database, new_model: NewModel
) -> None:
    run_id = "a" * 32
    new_model(source_run_id=run_id)
    last, deleted = new_model(source_run_id=run_id), new_model(source_run_id=run_id)
    new_model(source_run_id="b" * 32)
    with database.write() as connection:
        logged_models.trash(connection, logged_models.find(connection, deleted), 5)
        assert logged_models.of_run(connection, run_id, "model") == last
        assert logged_models.of_run(connection, run_id, "other") is None


def test_the_first_value_of_a_parameter_and_the_last_of_a_tag_stand(
    database: Database, new_model: NewModel
) -> None:
    model_id = new_model()
    with database.write() as connection:
        seq = seq_of(connection, model_id)
        logged_models.add_parameters(connection, seq, {"b": "1", "a": "x"})
        logged_models.add_parameters(connection, seq, {"b": "2"})
        logged_models.set_tags(connection, seq, {"t": "1", "s": ""})
        logged_models.set_tags(connection, seq, {"t": "2"})
        assert logged_models.remove_tag(connection, seq, "s")
        assert not logged_models.remove_tag(connection, seq, "s")
        found = logged_models.get(connection, model_id)
    assert found.parameters == [("a", "x"), ("b", "1")]
    assert found.tags == [("t", "2")]


def test_a_model_carries_so_many_parameters_and_no_more(
    database: Database, new_model: NewModel
) -> None:
    model_id = new_model()
    with database.write() as connection:
        seq = seq_of(connection, model_id)
        many = {f"p{number}": "v" for number in range(MAXIMUM["params"])}
        logged_models.add_parameters(connection, seq, many)
        with pytest.raises(TooLarge):
            logged_models.add_parameters(connection, seq, {"one more": "v"})


def test_what_runs_found_out_comes_back_in_order_with_run_and_data_set(
    database: Database, new_model: NewModel, new_run: NewRun
) -> None:
    model_id, first, second = new_model(), new_run(), new_run()
    test = DatasetKey("test", "1f")
    with database.write() as connection:
        log(connection, first, ModelPoint(model_id, point(value=0.9)))
        log(
            connection,
            second,
            ModelPoint(model_id, point(value=0.8), test),
            ModelPoint(model_id, point(value=0.7, step=1), test),
        )
        found = logged_models.get(connection, model_id).metrics
        (short,) = logged_models.load(connection, [seq_of(connection, model_id)], 2)
    assert found == [
        ModelMetric(first, point(value=0.9), None),
        ModelMetric(second, point(value=0.8), test),
        ModelMetric(second, point(value=0.7, step=1), test),
    ]
    assert short.metrics == found[1:]


def test_a_value_that_is_sent_again_is_kept_once(
    database: Database, new_model: NewModel, new_run: NewRun
) -> None:
    model_id, run_id = new_model(), new_run()
    on_data = DatasetKey("test", "1f")
    with database.write() as connection:
        for dataset in (None, on_data, None, on_data):
            log(connection, run_id, ModelPoint(model_id, point(value=0.5), dataset))
        log(connection, run_id, ModelPoint(model_id, point(value=0.25), on_data))
        found = logged_models.get(connection, model_id).metrics
    assert [(each.point.value, each.dataset) for each in found] == [(0.5, None), (0.25, on_data)]


def test_a_value_that_is_no_number_stays_none(
    database: Database, new_model: NewModel, new_run: NewRun
) -> None:
    model_id, run_id = new_model(), new_run()
    with database.write() as connection:
        log(connection, run_id, ModelPoint(model_id, point(value=math.nan)))
        (found,) = logged_models.get(connection, model_id).metrics
    assert math.isnan(found.point.value)


def test_files_of_a_model_are_listed_read_and_found_by_digest(
    database: Database, new_model: NewModel
) -> None:
    model_id = new_model()
    with database.write() as connection:
        for path, digit in (("MLmodel", "1"), ("data/a", "2"), ("data.txt", "3")):
            logged_model_artifacts.put(connection, model_id, artifact(path, digit))
    with database.read() as connection:
        folder = logged_model_artifacts.folder
        assert [each.path for each in folder(connection, model_id, "")] == [
            "MLmodel",
            "data.txt",
            "data/a",
        ]
        assert [each.path for each in folder(connection, model_id, "data")] == ["data/a"]
        assert logged_model_artifacts.get(connection, model_id, "data/a") == artifact("data/a", "2")
        with pytest.raises(NotFound):
            logged_model_artifacts.get(connection, model_id, "data")
        any_at = logged_model_artifacts.any_at
        assert all(any_at(connection, model_id, path) for path in ("", "data", "data/a"))
        assert not any_at(connection, model_id, "dat")
        digests = [f"sha256:{digit * 64}" for digit in "1239"]
        assert artifacts.named(connection, digests) == set(digests[:3])


def test_files_change_while_the_model_or_its_run_is_in_the_making(
    database: Database, new_model: NewModel, new_run: NewRun
) -> None:
    run_id = new_run()
    model_id = new_model(source_run_id=run_id)
    put = logged_model_artifacts.put
    with database.write() as connection:
        put(connection, model_id, artifact("MLmodel", "1"))
        put(connection, model_id, artifact("MLmodel", "2"))
        model = logged_models.find(connection, model_id)
        logged_models.set_status(connection, model, LoggedModelStatus.READY, 2)
        put(connection, model_id, artifact("MLmodel", "3"))
        assert logged_model_artifacts.remove(connection, model_id, "MLmodel")
        put(connection, model_id, artifact("MLmodel", "4"))
        runs.start(connection, run_id, 2)
        runs.end(
            connection, run_id, status=RunStatus.FINISHED, reason=None, message=None, ended_at=3
        )
    with database.write() as connection:
        put(connection, model_id, artifact("MLmodel", "4"))
        put(connection, model_id, artifact("one more", "5"))
        with pytest.raises(Conflict):
            put(connection, model_id, artifact("MLmodel", "5"))
        with pytest.raises(Conflict):
            logged_model_artifacts.remove(connection, model_id, "")
        assert logged_model_artifacts.get(connection, model_id, "MLmodel").digest[-1] == "4"


def test_a_deleted_model_takes_no_files(database: Database, new_model: NewModel) -> None:
    model_id = new_model()
    with database.write() as connection:
        logged_models.trash(connection, logged_models.find(connection, model_id), 5)
        with pytest.raises(InvalidRequest, match="'active' state"):
            logged_model_artifacts.put(connection, model_id, artifact("a"))
