"""Logged models over HTTP: what MLflow's clients send is kept, found and told again."""

from __future__ import annotations

import pytest

from tests.identities import STRANGER, VIEWER
from tests.integration.mlflow.conftest import MlflowDoor

NONE = "m-" + "0" * 32


def test_a_new_model_is_told_whole(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    made = door.tell(
        "POST",
        "logged-models",
        {
            "experiment_id": experiment,
            "name": "iris",
            "model_type": "sklearn",
            "source_run_id": run_id,
            "params": [{"key": "depth", "value": "3"}],
            "tags": [{"key": "team", "value": "north"}],
        },
    )["model"]
    info = made["info"]
    model_id = info["model_id"]
    assert made["data"] == {"params": [{"key": "depth", "value": "3"}]}
    assert info.pop("creation_timestamp_ms") == info.pop("last_updated_timestamp_ms")
    assert info == {
        "model_id": model_id,
        "experiment_id": experiment,
        "name": "iris",
        "artifact_uri": f"mlflow-artifacts:/{experiment}/models/{model_id}/artifacts",
        "status": "LOGGED_MODEL_PENDING",
        "model_type": "sklearn",
        "source_run_id": run_id,
        "tags": [{"key": "team", "value": "north"}],
    }
    assert door.tell("GET", f"logged-models/{model_id}")["model"]["info"]["name"] == "iris"


def test_a_model_without_a_name_gets_one(door: MlflowDoor, experiment: str) -> None:
    model_id = door.new_model(experiment)
    assert door.tell("GET", f"logged-models/{model_id}")["model"]["info"]["name"]


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", "it's", 'a"b', "x" * 501, "a\u202eb"])
def test_a_name_that_mlflow_could_not_write_in_an_address_is_refused(
    door: MlflowDoor, experiment: str, name: str
) -> None:
    body = {"experiment_id": experiment, "name": name}
    status, code, _ = door.refusal("POST", "logged-models", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


def test_an_unknown_model_is_not_there_for_any_operation(door: MlflowDoor) -> None:
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"model_id": NONE, "status": "LOGGED_MODEL_READY"}),
        ("DELETE", "", None),
        ("POST", "/params", {"params": []}),
        ("PATCH", "/tags", {"tags": []}),
        ("DELETE", "/tags/a", None),
        ("GET", "/artifacts/directories", None),
    ):
        for model_id in (NONE, "m-short", "%2e%2e"):
            refusal = door.refusal(method, f"logged-models/{model_id}{path}", body)
            assert refusal[:2] == (404, "RESOURCE_DOES_NOT_EXIST"), (method, path)


def test_a_model_in_a_deleted_experiment_is_refused(door: MlflowDoor, experiment: str) -> None:
    door.tell("POST", "experiments/delete", {"experiment_id": experiment})
    status, _, message = door.refusal("POST", "logged-models", {"experiment_id": experiment})
    assert status == 400
    assert "must be in the 'active' state" in message
    status, _, message = door.refusal("POST", "logged-models", {"experiment_id": "99999"})
    assert (status, message) == (404, "No Experiment with id=99999 exists")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("LOGGED_MODEL_READY", "LOGGED_MODEL_READY"),
        ("LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_UPLOAD_FAILED"),
        (2, "LOGGED_MODEL_READY"),
        ("SOMETHING", "LOGGED_MODEL_STATUS_UNSPECIFIED"),
    ],
)
def test_a_model_is_finalized_by_the_word_of_its_client(
    door: MlflowDoor, experiment: str, sent: str | int, told: str
) -> None:
    model_id = door.new_model(experiment)
    path = f"logged-models/{model_id}"
    answer = door.tell("PATCH", path, {"model_id": model_id, "status": sent})
    assert answer["model"]["info"]["status"] == told
    assert door.tell("GET", path)["model"]["info"]["status"] == told
    status, _, message = door.refusal("PATCH", path, {"status": "LOGGED_MODEL_PENDING"})
    assert status == 400
    assert "does not become pending again" in message


def test_parameters_never_change_and_tags_do(door: MlflowDoor, experiment: str) -> None:
    model_id = door.new_model(experiment)
    path = f"logged-models/{model_id}"
    for value in ("1", "1"):
        door.tell("POST", f"{path}/params", {"params": [{"key": "x[0] #?", "value": value}]})
    status, _, message = door.refusal(
        "POST", f"{path}/params", {"params": [{"key": "x[0] #?", "value": "2"}]}
    )
    assert status == 400
    assert "Changing param values is not allowed" in message
    twice = [{"key": "y", "value": "1"}, {"key": "y", "value": "2"}]
    assert door.refusal("POST", f"{path}/params", {"params": twice})[0] == 400
    door.tell("PATCH", f"{path}/tags", {"tags": [*twice, {"key": "gone/by"}]})
    door.tell("DELETE", f"{path}/tags/gone/by")
    assert door.refusal("DELETE", f"{path}/tags/gone/by") == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        f"No tag with key 'gone/by' found for model with ID '{model_id}'.",
    )
    model = door.tell("GET", path)["model"]
    assert model["data"] == {"params": [{"key": "x[0] #?", "value": "1"}]}
    assert model["info"]["tags"] == [{"key": "y", "value": "2"}]


def test_a_value_of_a_run_is_a_value_of_the_model_too(door: MlflowDoor, experiment: str) -> None:
    run_id, model_id = door.new_run(experiment), door.new_model(experiment)
    door.tell(
        "POST",
        "runs/log-metric",
        {
            "run_id": run_id,
            "key": "acc",
            "value": 0.5,
            "timestamp": 1_000,
            "step": 3,
            "model_id": model_id,
            "dataset_name": "test",
            "dataset_digest": "1f",
        },
    )
    value = {"key": "loss", "value": "NaN", "timestamp": 2, "model_id": model_id}
    door.tell("POST", "runs/log-batch", {"run_id": run_id, "metrics": [value]})
    assert door.tell("GET", f"logged-models/{model_id}")["model"]["data"]["metrics"] == [
        {
            "key": "acc",
            "value": 0.5,
            "timestamp": 1_000,
            "step": 3,
            "model_id": model_id,
            "run_id": run_id,
            "dataset_name": "test",
            "dataset_digest": "1f",
        },
        {
            "key": "loss",
            "value": "NaN",
            "timestamp": 2,
            "step": 0,
            "model_id": model_id,
            "run_id": run_id,
        },
    ]
    run = door.tell("GET", "runs/get", run_id=run_id)["run"]
    assert {each["key"] for each in run["data"]["metrics"]} == {"acc", "loss"}


def test_a_batch_with_an_unknown_model_or_half_a_data_set_is_not_kept(
    door: MlflowDoor, experiment: str
) -> None:
    run_id, model_id = door.new_run(experiment), door.new_model(experiment)
    value = {"key": "acc", "value": 1, "timestamp": 1}
    for wrong, status in (
        ({"model_id": NONE}, 404),
        ({"model_id": model_id, "dataset_name": "test"}, 400),
    ):
        metrics = [value, {**value, **wrong}]
        refusal = door.refusal("POST", "runs/log-batch", {"run_id": run_id, "metrics": metrics})
        assert refusal[0] == status
    assert "metrics" not in door.tell("GET", "runs/get", run_id=run_id)["run"]["data"]


def test_a_deleted_model_is_told_only_to_who_asks_for_it(door: MlflowDoor, experiment: str) -> None:
    model_id = door.new_model(experiment, name="gone")
    for _ in range(2):
        assert door.tell("DELETE", f"logged-models/{model_id}") == {}
    assert door.refusal("GET", f"logged-models/{model_id}")[0] == 404
    assert door.tell("GET", f"logged-models/{model_id}", allow_deleted="true")["model"]
    assert door.tell("POST", "logged-models/search", {"experiment_ids": [experiment]}) == {}


def test_a_search_goes_on_where_its_page_ended_and_nowhere_else(
    door: MlflowDoor, experiment: str
) -> None:
    made = [door.new_model(experiment, name=f"n{number}") for number in range(3)]
    search = {"experiment_ids": [experiment], "max_results": 2, "filter": "name LIKE 'n%'"}
    order = [{"field_name": "name"}]
    first = door.tell("POST", "logged-models/search", {**search, "order_by": order})
    again = {**search, "order_by": order, "page_token": first["next_page_token"]}
    second = door.tell("POST", "logged-models/search", again)
    found = [*first["models"], *second["models"]]
    assert [each["info"]["model_id"] for each in found] == made
    assert "next_page_token" not in second
    for other in ({"filter": ""}, {"order_by": []}, {"page_token": "zzz"}):
        assert door.refusal("POST", "logged-models/search", {**again, **other})[0] == 400


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Missing value for required parameter 'experiment_ids'"),
        ({"experiment_ids": ["x"]}, "Invalid value"),
        ({"experiment_ids": ["0"], "max_results": -1}, "max_results"),
        ({"experiment_ids": ["0"], "datasets": [{"dataset_digest": "1"}]}, "`dataset_name`"),
        ({"experiment_ids": ["0"], "order_by": [{"field_name": "none"}]}, "order by field"),
        ({"experiment_ids": ["0"], "filter": "metrics.a ="}, "Expected numeric value"),
    ],
)
def test_a_search_that_means_nothing_is_refused(
    door: MlflowDoor, asked: dict[str, object], said: str
) -> None:
    status, code, message = door.refusal("POST", "logged-models/search", asked)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in message


def test_who_may_read_sees_models_and_changes_none(door: MlflowDoor, experiment: str) -> None:
    model_id = door.new_model(experiment)
    path = f"mlflow/logged-models/{model_id}"
    assert door.ask("GET", path, token=VIEWER).status == 200
    assert door.ask("GET", path, token=STRANGER).status == 403
    for method, where, body in (
        ("PATCH", path, {"status": "LOGGED_MODEL_READY"}),
        ("DELETE", path, None),
        ("PATCH", f"{path}/tags", {"tags": []}),
        ("POST", f"{path}/params", {"params": []}),
        ("DELETE", f"{path}/tags/a", None),
        ("POST", "mlflow/logged-models", {"experiment_id": experiment}),
    ):
        refused = door.ask(method, where, body, token=VIEWER)
        assert (refused.status, refused.json()["error_code"]) == (403, "PERMISSION_DENIED")
