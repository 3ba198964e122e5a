"""Registered models of which the destination, or the source, is not quite as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.file_store import FileStore
from tests.integration.transfer.conftest import End


@pytest.fixture
def store(folder: Path, request: pytest.FixtureRequest) -> FileStore:
    """A store with a model of the test's name, and one version of it."""
    name = request.node.name
    made = FileStore(folder)
    run = made.run(made.experiment(name), "maker", files={"model/data": b"x"})
    made.model(name, created_at=5, champion=1)
    made.version(name, 1, f"runs:/{run.name}/model", run.name)
    return made


@pytest.fixture
def run_id(store: FileStore) -> str:
    (run,) = (each.name for each in (store.root / "1").iterdir() if each.is_dir())
    return run


def carried(end: End, store: FileStore, code: int = 0) -> Any:
    done, report = end.carries("import", "--from", str(store.root))
    assert done.code == code, done.told
    return report


def omitted(report: Any) -> dict[str, str]:
    return {each["what"]: each["reason"] for each in report["not_carried"]}


def test_a_model_of_somebody_else_keeps_its_name(here: End, store: FileStore) -> None:
    name = "test_a_model_of_somebody_else_keeps_its_name"
    here.reader.tell("registered-models/create", {"name": name, "description": "mine"})
    report = carried(here, store, code=1)
    assert "another model of this name" in omitted(report)[f"registered model {name}"]
    model = here.holds(name)["models"][name]
    assert (model["description"], model["versions"], model["aliases"]) == ("mine", {}, {})


def test_a_new_version_and_its_alias_come_with_the_next_import(
    here: End, store: FileStore, run_id: str
) -> None:
    name = "test_a_new_version_and_its_alias_come_with_the_next_import"
    carried(here, store)
    store.version(name, 4, f"file:///moved/mlruns/1/{run_id}/artifacts/model", run_id)
    store.model(name, created_at=5, champion=4)
    report = carried(here, store)
    assert report["carried"]["model versions"] == 1
    model = here.holds(name)["models"][name]
    assert sorted(model["versions"]) == ["1", "4"]
    assert model["versions"]["4"]["source"].endswith("<run maker>/artifacts/model")
    assert model["aliases"] == {"champion": 4}


def test_an_alias_that_was_moved_here_stays_when_nothing_new_comes(
    here: End, store: FileStore
) -> None:
    name = "test_an_alias_that_was_moved_here_stays_when_nothing_new_comes"
    carried(here, store)
    here.reader.tell("registered-models/alias", {"name": name, "alias": "champion"}, "DELETE")
    carried(here, store)
    assert here.holds(name)["models"][name]["aliases"] == {}


def test_a_number_that_was_given_here_is_not_given_again(
    here: End, store: FileStore, run_id: str
) -> None:
    name = "test_a_number_that_was_given_here_is_not_given_again"
    carried(here, store)
    source = f"models:/{name}/1"
    here.reader.tell("model-versions/create", {"name": name, "source": source})
    store.version(name, 2, f"runs:/{run_id}/model", run_id)
    report = carried(here, store, code=1)
    (what,) = omitted(report)
    assert what.startswith("version 2 of ")
    assert here.holds(name)["models"][name]["versions"]["2"]["source"] == source


def test_a_version_without_files_to_carry_is_told_of_and_the_rest_carried(
    here: End, store: FileStore, run_id: str
) -> None:
    name = "test_a_version_without_files_to_carry_is_told_of_and_the_rest_carried"
    store.version(name, 2, "s3://bucket/model")
    store.version(name, 3, f"runs:/{'0' * 32}/model", "0" * 32)
    store.version(name, 4, f"runs:/{run_id}/model", run_id)
    store.version(name, 5, f"runs:/{run_id}/nothing", run_id)
    store.version(name, 6, f"models:/{name}/6")
    store.model(name, created_at=5, champion=4, gone=2)
    report = carried(here, store, code=1)
    told = omitted(report)
    assert set(told) == {
        *(f"version {number} of registered model {name}" for number in (2, 3, 5, 6)),
        f"alias gone of registered model {name}",
    }
    assert "s3://bucket/model" in told[f"version 2 of registered model {name}"]
    model = here.holds(name)["models"][name]
    assert sorted(model["versions"]) == ["1", "4"]
    assert model["aliases"] == {"champion": 4}


def test_only_models_that_came_out_of_the_chosen_experiment_come_along(
    here: End, store: FileStore
) -> None:
    name = "test_only_models_that_came_out_of_the_chosen_experiment_come_along"
    run = store.run(store.experiment("not chosen", "2"), "other", files={"model/data": b"x"})
    store.model("not chosen", created_at=5)
    store.version("not chosen", 1, f"runs:/{run.name}/model", run.name)
    here.carries("import", "--from", str(store.root), "--experiment", name)
    held = here.holds()
    assert name in held["models"]
    assert "not chosen" not in held["models"]
    assert "not chosen" not in held["experiments"]


def test_an_alias_stage_or_name_that_is_refused_costs_nothing_else(here: End, folder: Path) -> None:
    store = FileStore(folder)
    run = store.run(store.experiment("refused parts"), "one", files={"model/data": b"x"})
    store.model("parts", created_at=1, latest=1, fine=1)
    store.version("parts", 1, f"runs:/{run.name}/model", run.name)
    meta = folder / "models" / "parts" / "version-1" / "meta.yaml"
    meta.write_text(meta.read_text().replace("current_stage: None", "current_stage: Nowhere"))
    store.model("a:b", created_at=1)
    done, report = here.carries("import", "--from", str(folder))
    assert done.code == 1
    assert {each["what"] for each in report["not_carried"]} == {
        "stage of version 1 of registered model parts",
        "alias latest of registered model parts",
        "registered model a:b",
    }
    found = here.reader.ask("registered-models/get", name="parts")["registered_model"]
    assert [each["alias"] for each in found["aliases"]] == ["fine"]
