"""Files of logged models go through the artifact proxy as those of runs do (rows S12, S14, S16)."""

from __future__ import annotations

import http.client

import pytest

from tests.identities import OWNER, VIEWER
from tests.integration.mlflow.conftest import MlflowDoor
from tests.jupyter_host import BASE_URL, JupyterHost


@pytest.fixture
def model_id(door: MlflowDoor, experiment: str) -> str:
    return door.new_model(experiment)


@pytest.fixture
def root(experiment: str, model_id: str) -> str:
    """Where the files of a model are, as its client knows it."""
    return f"{experiment}/models/{model_id}/artifacts"


def ready(door: MlflowDoor, model_id: str) -> None:
    door.tell("PATCH", f"logged-models/{model_id}", {"status": "LOGGED_MODEL_READY"})


def stored(host: JupyterHost) -> set[str]:
    """Return the names of everything in the content store, begun or whole."""
    folders = (host.home / "artifacts" / "sha256", host.home / "tmp")
    return {path.name for folder in folders for path in folder.rglob("*")}


def test_what_was_put_is_listed_and_comes_back(door: MlflowDoor, root: str, model_id: str) -> None:
    for path, data in (("MLmodel", b"flavors: {}"), ("data/model #1.pkl", b"\x80weights")):
        assert (
            door.file("PUT", f"{root}/{path.replace(' ', '%20').replace('#', '%23')}", data).status
            == 200
        )
    whole = door.file("GET", f"{root}/data/model%20%231.pkl")
    assert (whole.status, whole.body) == (200, b"\x80weights")
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["x-content-type-options"] == "nosniff"
    listed = door.ask("GET", "mlflow-artifacts/artifacts", path=root).json()
    assert listed == {
        "files": [
            {"path": "MLmodel", "is_dir": False, "file_size": 11},
            {"path": "data", "is_dir": True},
        ]
    }
    inside = door.tell(
        "GET", f"logged-models/{model_id}/artifacts/directories", artifact_directory_path="data"
    )
    assert inside == {
        "root_uri": f"mlflow-artifacts:/{root}",
        "files": [{"path": "data/model #1.pkl", "is_dir": False, "file_size": 8}],
    }


def test_files_are_evidence_once_the_model_is_ready(
    door: MlflowDoor, root: str, model_id: str
) -> None:
    assert door.file("PUT", f"{root}/a", b"1").status == 200
    assert door.file("PUT", f"{root}/a", b"2").status == 200
    ready(door, model_id)
    assert door.file("PUT", f"{root}/a", b"2").status == 200
    for method, data in (("PUT", b"3"), ("DELETE", None)):
        refused = door.file(method, f"{root}/a", data)
        assert (refused.status, refused.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert door.file("GET", f"{root}/a").body == b"2"


def test_files_may_change_while_the_run_is_on_that_made_them(
    door: MlflowDoor, experiment: str
) -> None:
    run_id = door.new_run(experiment)
    model_id = door.new_model(experiment, source_run_id=run_id)
    path = f"{experiment}/models/{model_id}/artifacts/MLmodel"
    assert door.file("PUT", path, b"1").status == 200
    ready(door, model_id)
    assert door.file("PUT", path, b"with a signature").status == 200
    door.tell("POST", "runs/update", {"run_id": run_id, "status": "FINISHED"})
    assert door.file("PUT", path, b"later").status == 400
    assert door.file("GET", path).body == b"with a signature"


def test_a_deleted_model_takes_no_files_and_keeps_its_own(
    door: MlflowDoor, root: str, model_id: str
) -> None:
    assert door.file("PUT", f"{root}/a", b"1").status == 200
    door.tell("DELETE", f"logged-models/{model_id}")
    assert door.file("PUT", f"{root}/b", b"1").status == 400
    assert door.file("GET", f"{root}/a").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "%2e%2e/MLmodel",
        "a/%2e%2e/%2e%2e/b",
        "%2fetc/passwd",
        "a//b",
        "C:/x",
        "a%5cb",
        "a%00b",
        "a%0ab",
        "a%e2%80%aeb",
        "",
    ],
)
def test_a_path_that_could_mean_another_place_is_refused(
    door: MlflowDoor, root: str, path: str
) -> None:
    assert door.file("PUT", f"{root}/{path}", b"x").status in (400, 404)
    assert door.file("GET", f"{root}/{path}").status in (400, 404)
    assert door.ask("GET", "mlflow-artifacts/artifacts", path=root).json() == {}


@pytest.mark.parametrize(
    "place",
    [
        "{experiment}/models/m-{zeros}/artifacts/a",
        "{experiment}/models/{run}/artifacts/a",
        "{experiment}/m-{zeros}/artifacts/a",
        "models/{model}/artifacts/a",
        "{experiment}/models/{model}/a",
        "{experiment}/models/{model}",
        "x/models/{model}/artifacts/a",
    ],
)
def test_only_addresses_that_were_handed_out_mean_anything(
    door: MlflowDoor, experiment: str, model_id: str, place: str
) -> None:
    run = door.new_run(experiment)
    path = place.format(experiment=experiment, model=model_id, run=run, zeros="0" * 32)
    assert door.file("PUT", path, b"x").status == 404
    assert door.file("GET", path).status == 404


def test_an_upload_that_breaks_off_leaves_nothing(
    door: MlflowDoor, host: JupyterHost, root: str
) -> None:
    before = stored(host)
    connection = http.client.HTTPConnection(host.netloc, timeout=60)
    connection.putrequest("PUT", f"{BASE_URL}mlops/api/2.0/mlflow-artifacts/artifacts/{root}/big")
    connection.putheader("Authorization", f"token {OWNER}")
    connection.putheader("Content-Length", str(4 << 20))
    connection.endheaders(b"x" * (1 << 20))
    connection.close()
    # One request later the server has seen that the client is gone.
    assert door.file("GET", f"{root}/big").status == 404
    assert door.ask("GET", "mlflow-artifacts/artifacts", path=root).json() == {}
    host.settle()
    assert stored(host) == before


def test_who_may_read_cannot_put(door: MlflowDoor, host: JupyterHost, root: str) -> None:
    before = stored(host)
    assert door.file("PUT", f"{root}/a", b"1", token=VIEWER).status == 403
    assert door.file("DELETE", root, token=VIEWER).status == 403
    assert stored(host) == before
