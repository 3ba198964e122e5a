"""Logged models leave the store with the run that made them, or once a client deleted them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.logged_models import ModelPoint
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.model_sources import model_source
from jupyter_mlops.domain.model_versions import NewModelVersion
from jupyter_mlops.domain.registered_models import NewRegisteredModel
from jupyter_mlops.services.model_versions import ModelVersionService
from jupyter_mlops.services.registered_models import RegisteredModelService
from jupyter_mlops.store import (
    artifacts,
    events,
    logged_model_artifacts,
    logged_model_metrics,
    logged_models,
    runs,
)
from jupyter_mlops.store.run_keys import place_of
from jupyter_mlops.store.tables import datasets, metadata
from jupyter_mlops.store.tables import logged_models as models_table
from tests.faults.store_workload import model_id_of, run_id_of
from tests.integration.trash.conftest import ENDED, RUNS, Trash

ABOUT_MODELS = [
    table
    for table in metadata.sorted_tables
    if any(key.column.table is models_table for key in table.foreign_keys)
]


def rows(trash: Trash) -> dict[str, int]:
    """Return how many rows each table about logged models has."""
    with trash.database.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in [*ABOUT_MODELS, models_table]
        }


def delete(trash: Trash, number: int, at: int = 50) -> None:
    with trash.database.write() as connection:
        model = logged_models.find(connection, model_id_of(number))
        logged_models.trash(connection, model, at)


def add_file(trash: Trash, number: int, data: bytes) -> str:
    """Give a model a file of its own and return its digest."""
    digest, size = trash.content.put_bytes(data)
    file = Artifact(
        path="own.bin",
        digest=digest,
        size=size,
        media_type="application/octet-stream",
        preview="none",
        created_at=1,
    )
    with trash.database.write() as connection:
        logged_model_artifacts.put(connection, model_id_of(number), file)
    return digest


def test_the_models_of_a_run_go_with_it_and_no_others(trash: Trash) -> None:
    before = rows(trash)
    assert all(count and count % RUNS == 0 for count in before.values()), before
    trash.service.purge(trash.actor, run_id_of(0))
    assert rows(trash) == {name: n // RUNS * (RUNS - 1) for name, n in before.items()}


def test_a_run_in_the_trash_hides_nothing_of_its_models(trash: Trash) -> None:
    with trash.database.read() as connection:
        assert runs.get(connection, run_id_of(0)).deleted_at is not None
        assert logged_models.get(connection, model_id_of(0)).deleted_at is None


def test_the_bytes_of_a_model_come_free_with_its_run(trash: Trash) -> None:
    digest = add_file(trash, 0, b"weights" * 1_000)
    shared = add_file(trash, 1, b"shared")
    add_file(trash, 2, b"shared")
    with trash.database.read() as connection:
        own = artifacts.get(connection, run_id_of(0), "file.txt").size
    assert trash.service.purge(trash.actor, run_id_of(0)).bytes_freed == own + 7_000
    trash.service.purge(trash.actor, run_id_of(1))
    assert digest not in trash.blobs()
    assert shared in trash.blobs()


def test_bytes_that_only_a_model_names_are_not_collected(trash: Trash) -> None:
    digest = add_file(trash, 5, b"weights")
    trash.collect()
    assert digest in trash.blobs()


def register(trash: Trash, *numbers: int) -> None:
    """Make the next version of one registered model of each of the logged models."""
    models = RegisteredModelService(trash.database)
    versions = ModelVersionService(trash.database)
    models.create(trash.actor, NewRegisteredModel(name="wine"))
    for number in numbers:
        address = f"models:/{model_id_of(number)}"
        new = NewModelVersion(name="wine", source=model_source(address), address=address)
        versions.create(trash.actor, new)


def test_a_model_that_a_version_names_outlives_its_run(trash: Trash) -> None:
    register(trash, 0, 1)
    digest = add_file(trash, 0, b"weights")
    delete(trash, 1)
    trash.service.empty(trash.actor)
    with trash.database.read() as connection:
        with pytest.raises(NotFound):
            runs.get(connection, run_id_of(0))
        model = logged_models.get(connection, model_id_of(0))
        assert model.source_run_id == run_id_of(0)
        # What the run had found out about it went with the run.
        assert model.metrics == []
        assert logged_models.get(connection, model_id_of(1)).deleted_at is not None
    assert digest in trash.blobs()


def test_a_deleted_model_goes_once_no_version_names_it_any_more(trash: Trash) -> None:
    register(trash, 5)
    delete(trash, 5)
    trash.service.empty(trash.actor)
    with trash.database.read() as connection:
        logged_models.get(connection, model_id_of(5))
    ModelVersionService(trash.database).trash(trash.actor, "wine", 1)
    trash.service.empty(trash.actor)
    with trash.database.read() as connection, pytest.raises(NotFound):
        logged_models.get(connection, model_id_of(5))


def test_emptying_the_trash_takes_deleted_models_along(trash: Trash) -> None:
    digest = add_file(trash, RUNS - 1, b"weights" * 1_000)
    delete(trash, RUNS - 1)
    with trash.database.read() as connection:
        before = events.last_seq(connection)
    emptied = trash.service.empty(trash.actor)
    assert emptied.runs == ENDED
    assert emptied.bytes_freed > 7_000
    assert digest not in trash.blobs()
    with trash.database.read() as connection:
        with pytest.raises(NotFound):
            logged_models.get(connection, model_id_of(RUNS - 1))
        told = events.after(connection, before, 100).events
    assert [each.subject for each in told if each.type is EventType.LOGGED_MODEL_PURGED] == [
        model_id_of(RUNS - 1)
    ]


def test_deleted_models_expire_by_their_age(trash: Trash) -> None:
    delete(trash, 6, at=50)
    delete(trash, 7, at=60)
    trash.service.expire(55)
    with trash.database.read() as connection:
        with pytest.raises(NotFound):
            logged_models.get(connection, model_id_of(6))
        assert logged_models.get(connection, model_id_of(7)).deleted_at == 60


def test_what_a_purged_run_found_out_about_a_model_of_another_goes(trash: Trash) -> None:
    with trash.database.write() as connection:
        model = logged_models.find(connection, model_id_of(5))
        logged_model_metrics.append(
            connection,
            place_of(connection, run_id_of(0)),
            {model.model_id: model.seq},
            [ModelPoint(model.model_id, Point(key="later", value=1.0, step=0, timestamp=1))],
        )
    trash.service.purge(trash.actor, run_id_of(0))
    with trash.database.read() as connection:
        left = logged_models.get(connection, model_id_of(5)).metrics
    assert [each.run_id for each in left] == [run_id_of(5)]


def test_a_data_set_goes_with_the_last_run_that_read_it(trash: Trash) -> None:
    def known() -> int:
        with trash.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(datasets)) or 0

    # The last run read the data set of the first, all others each their own.
    assert known() == RUNS - 1
    trash.service.purge(trash.actor, run_id_of(0))
    assert known() == RUNS - 1
    trash.service.purge(trash.actor, run_id_of(1))
    assert known() == RUNS - 2
