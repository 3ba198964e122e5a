"""Model versions: numbers that count up, and what made a version never changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound
from jupyter_mlops.domain.file_places import InLoggedModel, InRun
from jupyter_mlops.domain.model_sources import model_source
from jupyter_mlops.domain.model_versions import ModelFiles, NewModelVersion
from jupyter_mlops.store import (
    artifacts,
    logged_model_artifacts,
    logged_models,
    model_versions,
    runs,
)
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.run_keys import place_of
from tests.integration.registry.conftest import LOGGED, Registry, stored_file


def test_numbers_count_up_and_are_never_given_twice(registry: Registry) -> None:
    registry.model()
    registry.model("beer")
    assert [registry.version().version for _ in range(3)] == [1, 2, 3]
    registry.versions.trash(registry.actor, "wine", 3)
    registry.versions.trash(registry.actor, "wine", 1)
    assert registry.version().version == 4
    assert registry.version("beer").version == 1
    with pytest.raises(NotFound):
        registry.versions.get(registry.actor, "wine", 3)
    with pytest.raises(NotFound):
        registry.versions.trash(registry.actor, "wine", 3)


def test_of_64_who_register_at_once_each_gets_a_number_of_its_own(store_url: str) -> None:
    stores = [Database.open(store_url) for _ in range(4)]
    registries = [Registry(store) for store in stores]
    registries[0].model()
    start = threading.Barrier(64)

    def register(number: int) -> int:
        start.wait()
        return registries[number % 4].version().version

    try:
        with ThreadPoolExecutor(64) as pool:
            numbers = sorted(pool.map(register, range(64)))
    finally:
        for store in stores:
            store.close()
    assert numbers == list(range(1, 65))


def test_a_version_keeps_what_made_it(registry: Registry) -> None:
    registry.model()
    address = f"mlflow-artifacts:/0/{registry.run_id}/artifacts/model/"
    made = registry.version(
        address=address, description="d", run_link="https://x/1", tags={"k": "v"}
    )
    assert (made.source, made.run_id, made.model_id) == (address, registry.run_id, None)
    assert made.place == InRun(registry.run_id, "model")
    assert (made.description, made.user, made.run_link) == ("d", "olive", "https://x/1")
    assert registry.versions.get(registry.actor, "WINE", 1) == made
    assert registry.versions.files(registry.actor, "wine", 1) == ModelFiles(0, made.place)


def test_the_files_of_a_version_are_found_where_its_run_is_now(registry: Registry) -> None:
    registry.model()
    registry.version(address=f"runs:/{registry.run_id}/model/MLmodel")
    with registry.database.write() as connection:
        runs.trash(connection, registry.run_id, 5)
    files = registry.versions.files(registry.actor, "wine", 1)
    assert files.place == InRun(registry.run_id, "model/MLmodel")


@pytest.mark.parametrize("path", ["absent", "mode", "model/absent", "MODEL", "model/MLmodel/x"])
def test_nothing_is_registered_where_no_file_is(registry: Registry, path: str) -> None:
    registry.model()
    before = registry.told()
    with pytest.raises(NotFound):
        registry.version(address=f"runs:/{registry.run_id}/{path}")
    with pytest.raises(NotFound):
        registry.version(address=f"runs:/{'0' * 32}/model")
    assert registry.told() == before
    assert registry.version().version == 1


def test_a_version_is_not_made_by_a_run_or_model_that_did_not_make_it(registry: Registry) -> None:
    registry.model()
    other = registry.new_run()
    with pytest.raises(InvalidRequest):
        registry.version(run_id=other)
    with pytest.raises(InvalidRequest):
        registry.version(model_id=LOGGED)
    assert registry.version(run_id=registry.run_id).version == 1


def test_a_run_in_the_trash_is_not_registered(registry: Registry) -> None:
    registry.model()
    with registry.database.write() as connection:
        runs.trash(connection, registry.run_id, 5)
    with pytest.raises(InvalidRequest, match="'active' state"):
        registry.version()


def test_a_version_of_a_version_has_the_same_files_and_origin(registry: Registry) -> None:
    registry.model()
    registry.model("copy")
    first = registry.version()
    copied = registry.version("copy", "models:/Wine/1")
    assert (copied.place, copied.run_id, copied.source) == (
        first.place,
        first.run_id,
        "models:/Wine/1",
    )
    registry.versions.trash(registry.actor, "wine", 1)
    with pytest.raises(NotFound):
        registry.version("copy", "models:/wine/1")
    assert registry.versions.files(registry.actor, "copy", 1).place == first.place


def test_a_logged_model_is_registered_by_its_id_and_by_its_name_in_the_run(
    registry: Registry,
) -> None:
    registry.model()
    with pytest.raises(NotFound):
        registry.version(address=f"models:/{LOGGED}")
    registry.log_model()
    for address in (
        f"models:/{LOGGED}",
        f"mlflow-artifacts:/7/models/{LOGGED}/artifacts",
        f"runs:/{registry.run_id}/forest",
    ):
        made = registry.version(address=address, model_id=LOGGED, run_id=registry.run_id)
        assert (made.place, made.run_id) == (InLoggedModel(LOGGED, ""), registry.run_id)
        assert made.model_id == LOGGED
    with registry.database.read() as connection:
        _, experiment = place_of(connection, registry.run_id)
    assert registry.versions.files(registry.actor, "wine", 1) == ModelFiles(
        experiment, InLoggedModel(LOGGED, "")
    )
    with registry.database.read() as connection:
        assert model_versions.made_of(connection, [LOGGED, "m-" + "2" * 32]) == {LOGGED}
        assert model_versions.hold(connection, InLoggedModel(LOGGED, "MLmodel"))
    for number in (1, 2, 3):
        registry.versions.trash(registry.actor, "wine", number)
    with registry.database.read() as connection:
        assert model_versions.made_of(connection, [LOGGED]) == set()
        assert not model_versions.hold(connection, InLoggedModel(LOGGED, ""))
    with registry.database.write() as connection:
        logged_models.trash(connection, logged_models.find(connection, LOGGED), 5)
    with pytest.raises(NotFound):
        registry.version(address=f"models:/{LOGGED}")


def test_files_of_a_version_of_a_logged_model_do_not_change(registry: Registry) -> None:
    registry.model()
    registry.log_model()
    registry.version(address=f"models:/{LOGGED}")
    with registry.database.write() as connection:
        logged_model_artifacts.put(connection, LOGGED, stored_file("MLmodel"))
        logged_model_artifacts.put(connection, LOGGED, stored_file("more", "b"))
        with pytest.raises(Conflict, match="model version"):
            logged_model_artifacts.put(connection, LOGGED, stored_file("MLmodel", "b"))
        with pytest.raises(Conflict, match="model version"):
            logged_model_artifacts.remove(connection, LOGGED, "")
    registry.versions.trash(registry.actor, "wine", 1)
    with registry.database.write() as connection:
        logged_model_artifacts.put(connection, LOGGED, stored_file("MLmodel", "b"))


def test_files_of_a_version_do_not_change_while_its_run_goes_on(registry: Registry) -> None:
    registry.model()
    registry.version()

    def put(path: str, digit: str) -> None:
        with registry.database.write() as connection:
            artifacts.put(connection, registry.run_id, stored_file(path, digit))

    def remove(path: str) -> None:
        with registry.database.write() as connection:
            artifacts.remove(connection, registry.run_id, path)

    put("model/MLmodel", "a")
    put("other.txt", "b")
    changes: list[Callable[[], None]] = [
        lambda: put("model/MLmodel", "b"),
        lambda: remove("model/data/weights.bin"),
        lambda: remove("model/data"),
        lambda: remove("model"),
        lambda: remove(""),
    ]
    for change in changes:
        with pytest.raises(Conflict):
            change()
    remove("other.txt")
    registry.versions.trash(registry.actor, "wine", 1)
    put("model/MLmodel", "b")
    remove("")


def test_stages_of_old_clients_move_and_push_others_out(registry: Registry) -> None:
    registry.model()
    for _ in range(3):
        registry.version()

    def move(number: int, stage: str, *, archive_others: bool = False) -> None:
        registry.versions.set_stage(
            registry.actor, "wine", number, stage, archive_others=archive_others
        )

    move(1, "Production")
    move(2, "Production", archive_others=True)
    with pytest.raises(InvalidRequest):
        move(2, "Archived", archive_others=True)
    latest = registry.models.get(registry.actor, "wine").latest_versions
    assert {each.stage: each.version for each in latest} == {
        "Archived": 1,
        "Production": 2,
        "None": 3,
    }


def test_each_change_of_a_version_has_its_event(registry: Registry) -> None:
    registry.model()
    registry.version()
    registry.version()
    before = len(registry.told())
    registry.versions.describe(registry.actor, "wine", 1, "d")
    registry.versions.set_tag(registry.actor, "wine", 1, "k", "v")
    registry.versions.remove_tag(registry.actor, "wine", 1, "k")
    registry.versions.remove_tag(registry.actor, "wine", 1, "k")
    registry.versions.set_stage(registry.actor, "wine", 1, "Staging", archive_others=True)
    registry.versions.set_stage(registry.actor, "wine", 2, "Staging", archive_others=True)
    registry.versions.trash(registry.actor, "wine", 2)
    assert registry.told()[before:] == [
        *[("model_version.changed", "1/1")] * 4,
        ("model_version.changed", "1/2"),
        ("model_version.changed", "1/1"),
        ("model_version.deleted", "1/2"),
    ]
    assert ("model_version.created", "1/2") in registry.told()


def test_to_register_takes_the_right_to_see_runs(registry: Registry) -> None:
    registry.model()
    address = f"runs:/{registry.run_id}/model"
    new = NewModelVersion(name="wine", source=model_source(address), address=address)
    for scopes in ({"mlops:models:write"}, {"mlops:models:read", "mlops:runs:read"}):
        actor = Actor(user="vera", display_name="Vera", scopes=frozenset(scopes))
        with pytest.raises(Forbidden):
            registry.versions.create(actor, new)
