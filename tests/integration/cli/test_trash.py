"""The trash on the command line: listed, and emptied only when its user is sure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.client import Client, HttpTransport
from tests.cli_site import Site
from tests.identities import OWNER
from tests.integration.cli.conftest import fill
from tests.mlflow_door import MlflowDoor


@pytest.fixture(scope="module")
def trash_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server whose trash no other test fills."""
    served = fill(Site(tmp_path_factory.mktemp("trash"), serve=True))
    yield served
    served.close()


def client_of(site: Site) -> Client:
    assert site.host is not None
    return Client(HttpTransport(f"http://{site.host.netloc}/a%40b/", OWNER))


def trashed(site: Site) -> str:
    """Run a notebook to its end, delete the run and return its id."""
    done = site.mlops("run", "train.ipynb", "--wait", "--json")
    run_id = str(json.loads(done.output)["run_id"])
    with client_of(site) as client:
        client.delete(run_id)
    return run_id


def blobs(site: Site) -> list[Path]:
    return list((site.home / "artifacts" / "sha256").glob("*/*"))


def test_the_trash_is_listed_and_emptied_when_its_user_is_sure(trash_site: Site) -> None:
    run_id = trashed(trash_site)
    head, row = trash_site.mlops("trash").output.splitlines()
    assert head.split() == ["RUN", "STATUS", "NAME", "EXPERIMENT", "CREATED", "DELETED"]
    assert row.split()[:3] == [run_id[:8], "FINISHED", "train"]
    # Nobody is at the terminal to be asked.
    unsure = trash_site.mlops("trash", "--empty")
    assert unsure.code == 2
    assert "--yes" in unsure.told
    assert blobs(trash_site)
    emptied = trash_site.mlops("trash", "--empty", "--yes")
    assert emptied.code == 0, emptied.told
    assert emptied.output.startswith("1 run deleted permanently, ")
    assert blobs(trash_site) == []
    assert trash_site.mlops("show", run_id).code == 2
    again = trash_site.mlops("trash", "--empty", "--json")
    assert set(json.loads(again.output).values()) == {0}


def test_an_experiment_that_was_deleted_with_its_runs_leaves_with_them(trash_site: Site) -> None:
    assert trash_site.host is not None
    door = MlflowDoor(trash_site.host)
    made = door.post("experiments/create", name="gone").json()["experiment_id"]
    run_id = door.new_run(made)
    address = f"api/2.0/mlflow-artifacts/artifacts/{made}/{run_id}/artifacts/file.bin"
    assert door.send("PUT", address, b"x" * 2_000).status == 200
    assert door.post("experiments/delete", experiment_id=made).status == 200
    # Its name is free, in the trash and afterwards.
    again = door.post("experiments/create", name="gone").json()["experiment_id"]
    assert door.post("experiments/delete", experiment_id=again).status == 200
    with client_of(trash_site) as client:
        assert client.trash() == {"runs": 1, "experiments": 2, "logged_models": 0}
    emptied = trash_site.mlops("trash", "--empty", "--yes")
    assert emptied.output == "1 run, 2 experiments deleted permanently, 2.0 kB freed\n"
    assert door.get("experiments/get", experiment_id=made).status == 404
    assert door.get("experiments/get-by-name", experiment_name="gone").status == 404
    assert door.post("experiments/restore", experiment_id=made).status == 404
    assert door.post("experiments/create", name="gone").json()["experiment_id"] not in (made, again)


def test_what_is_no_run_is_not_deleted_without_a_question_either(trash_site: Site) -> None:
    assert trash_site.host is not None
    door = MlflowDoor(trash_site.host)
    made = door.post("experiments/create", name="empty").json()["experiment_id"]
    assert door.post("experiments/delete", experiment_id=made).status == 200
    unsure = trash_site.mlops("trash", "--empty")
    assert unsure.code == 2
    assert "1 experiment will be deleted permanently" in unsure.told
    assert door.post("experiments/restore", experiment_id=made).status == 200


def test_one_run_is_deleted_permanently_by_the_client(trash_site: Site) -> None:
    first, second = trashed(trash_site), trashed(trash_site)
    with client_of(trash_site) as client:
        done = client.purge(first)
        assert (done["runs"], done["remaining"]) == (1, 1)
        assert [run["run_id"] for run in client.runs(deleted=True)["runs"]] == [second]
        assert client.empty_trash()["remaining"] == 0
