"""Runs by MLflow's protocol: opened, logged to, ended, opened again, deleted; one truth with our own door."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.integration.mlflow.conftest import MlflowDoor

METRIC = {"key": "loss", "value": 0.5, "timestamp": 5, "step": 1}


def read(door: MlflowDoor, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = door.tell("GET", "runs/get", run_id=run_id)["run"]
    return run


def pairs(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["key"]: item["value"] for item in items}


def test_a_run_is_open_until_its_client_ends_it(door: MlflowDoor, experiment: str) -> None:
    made = door.tell(
        "POST",
        "runs/create",
        {
            "experiment_id": experiment,
            "run_name": "first",
            "start_time": 1_000,
            "user_id": "somebody else",
            "tags": [{"key": "stage", "value": "idea"}, {"key": "mlflow.user", "value": "ada"}],
        },
    )["run"]
    run_id = made["info"]["run_id"]
    assert made["info"]["status"] == "RUNNING"
    assert made["info"]["start_time"] == 1_000
    assert made["info"]["artifact_uri"] == f"mlflow-artifacts:/{experiment}/{run_id}/artifacts"
    ended = door.tell(
        "POST", "runs/update", {"run_id": run_id, "status": "FINISHED", "end_time": 3_000}
    )
    assert (ended["run_info"]["status"], ended["run_info"]["end_time"]) == ("FINISHED", 3_000)
    assert pairs(read(door, run_id)["data"]["tags"]) == {
        "mlflow.runName": "first",
        "mlflow.user": "ada",
        "stage": "idea",
    }
    own = door.host.request("GET", f"runs/{run_id}").json()
    assert (own["status"], own["source_type"], own["user"]) == ("FINISHED", "client", "olive")
    assert own["duration_ms"] == 2_000


def test_a_run_that_ended_may_be_opened_again(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    for status in ("FAILED", "RUNNING", "KILLED", "RUNNING", "FINISHED"):
        told = door.tell("POST", "runs/update", {"run_id": run_id, "status": status, "end_time": 9})
        assert told["run_info"]["status"] == status
        assert ("end_time" in told["run_info"]) is (status != "RUNNING")
    door.tell("POST", "runs/update", {"run_id": run_id, "status": "NOPE"})
    assert read(door, run_id)["info"]["status"] == "FINISHED"


def test_a_batch_is_stored_whole_or_not_at_all(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    batch = {
        "run_id": run_id,
        "metrics": [METRIC, {**METRIC, "value": "NaN", "step": "2"}],
        "params": [{"key": "rate", "value": "0.1"}],
        "tags": [{"key": "stage", "value": "idea"}],
    }
    for _ in range(2):
        assert door.tell("POST", "runs/log-batch", batch) == {}
    refused = {
        "run_id": run_id,
        "metrics": [{**METRIC, "key": "accuracy"}],
        "params": [{"key": "rate", "value": "0.2"}],
        "tags": [{"key": "stage", "value": "changed"}],
    }
    status, code, message = door.refusal("POST", "runs/log-batch", refused)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith("Changing param values is not allowed.")
    data = read(door, run_id)["data"]
    assert data["metrics"] == [{**METRIC, "value": "NaN", "step": 2}]
    assert pairs(data["params"]) == {"rate": "0.1"}
    assert pairs(data["tags"])["stage"] == "idea"


def test_the_history_of_a_metric_comes_by_pages(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    points = [
        {"key": "loss", "value": step / 7, "timestamp": step, "step": step} for step in range(25)
    ]
    door.tell("POST", "runs/log-batch", {"run_id": run_id, "metrics": points})
    found: list[dict[str, Any]] = []
    token = ""
    while True:
        page = door.tell(
            "GET",
            "metrics/get-history",
            run_id=run_id,
            metric_key="loss",
            max_results="10",
            page_token=token,
        )
        found += page["metrics"]
        token = page.get("next_page_token", "")
        if not token:
            break
    assert found == points
    assert door.tell("GET", "metrics/get-history", run_id=run_id, metric_key="none") == {}
    assert door.tell("GET", "metrics/get-history", run_id="0" * 32, metric_key="loss") == {}


def test_name_and_note_are_tags_for_one_door_and_fields_for_the_other(
    door: MlflowDoor, experiment: str
) -> None:
    run_id = door.new_run(experiment)
    for key, value in (("mlflow.runName", "renamed"), ("mlflow.note.content", "Converged early.")):
        door.tell("POST", "runs/set-tag", {"run_id": run_id, "key": key, "value": value})
    own = door.host.request("GET", f"runs/{run_id}").json()
    assert (own["name"], own["note"], own["tags"]) == ("renamed", "Converged early.", [])
    door.tell("POST", "runs/delete-tag", {"run_id": run_id, "key": "mlflow.note.content"})
    assert door.host.request("GET", f"runs/{run_id}").json()["note"] == ""
    assert door.host.request("PATCH", f"runs/{run_id}", {"name": "again"}).status == 200
    assert read(door, run_id)["info"]["run_name"] == "again"


def test_a_run_that_is_open_can_be_deleted_restored_and_purged(
    door: MlflowDoor, experiment: str
) -> None:
    run_id = door.new_run(experiment)
    door.tell("POST", "runs/delete", {"run_id": run_id})
    assert read(door, run_id)["info"]["lifecycle_stage"] == "deleted"
    refused = door.refusal("POST", "runs/log-metric", {"run_id": run_id, **METRIC})
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")
    door.tell("POST", "runs/restore", {"run_id": run_id})
    # The panel may delete it as well: its client may be gone, and nobody here could cancel it.
    assert door.host.request("DELETE", f"runs/{run_id}").status == 200
    assert door.host.request("POST", f"runs/{run_id}/purge").status == 200
    assert door.refusal("GET", "runs/get", run_id=run_id)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_an_open_run_of_a_client_is_nothing_that_this_server_ends(
    door: MlflowDoor, experiment: str
) -> None:
    run_id = door.new_run(experiment)
    status = door.host.request("GET", "status").json()
    assert (status["running"], status["scheduled"]) == (0, 0)
    assert door.host.request("POST", f"runs/{run_id}/cancel").status == 409
    # The dispatcher looks for runs that vanished all the time.
    time.sleep(1.5)
    assert read(door, run_id)["info"]["status"] == "RUNNING"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        (
            "runs/log-metric",
            {"key": "k", "value": 1, "timestamp": 1},
            "Missing value for required parameter 'run_id'",
        ),
        (
            "runs/log-metric",
            {"run_id": "RUN", "value": 1, "timestamp": 1},
            "Missing value for required parameter 'key'",
        ),
        (
            "runs/log-metric",
            {"run_id": "RUN", "key": 7, "value": 1, "timestamp": 1},
            "Invalid value 7 for parameter 'key' supplied",
        ),
        (
            "runs/log-metric",
            {"run_id": "RUN", "key": "k", "value": "x", "timestamp": 1},
            "Invalid value \"x\" for parameter 'value' supplied",
        ),
        (
            "runs/log-metric",
            {"run_id": "RUN", "key": "k", "value": 1, "timestamp": -1},
            "Invalid value -1 for parameter 'timestamp' supplied",
        ),
        (
            "runs/log-metric",
            {"run_id": "RUN", "key": "../k", "value": 1, "timestamp": 1},
            "A key may",
        ),
        (
            "runs/log-batch",
            {"run_id": "RUN", "params": [{"key": str(n), "value": ""} for n in range(101)]},
            "A batch logging request can contain at most 100 params",
        ),
        (
            "runs/log-batch",
            {"run_id": "RUN", "params": [{"key": "a", "value": "1"}] * 2},
            "Duplicate parameter keys",
        ),
        ("runs/search", {"experiment_ids": ["0"], "filter": "bogus"}, "Invalid"),
        (
            "runs/search",
            {"experiment_ids": ["0"], "max_results": 50_001},
            "Invalid value 50001 for parameter 'max_results' supplied",
        ),
        ("runs/search", {"experiment_ids": ["0"], "page_token": "x"}, "Invalid page token"),
        (
            "runs/create",
            {"experiment_id": "abc"},
            "Invalid value \"abc\" for parameter 'experiment_id' supplied",
        ),
    ],
)
def test_a_bad_request_is_refused_in_the_words_of_mlflow(
    door: MlflowDoor, experiment: str, path: str, body: dict[str, Any], message: str
) -> None:
    if body.get("run_id") == "RUN":
        body = {**body, "run_id": door.new_run(experiment)}
    status, code, said = door.refusal("POST", path, body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert said.startswith(message)


def test_infinities_are_finite_for_mlflow(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    for key, value in (("up", "Infinity"), ("down", "-Infinity"), ("yes", True)):
        door.tell(
            "POST", "runs/log-metric", {"run_id": run_id, **METRIC, "key": key, "value": value}
        )
    greatest = 1.7976931348623157e308
    found = pairs(read(door, run_id)["data"]["metrics"])
    assert found == {"up": greatest, "down": -greatest, "yes": 1.0}


def test_values_that_are_too_long_are_cut_as_by_mlflow(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    door.tell("POST", "runs/log-parameter", {"run_id": run_id, "key": "p", "value": "x" * 7_000})
    door.tell("POST", "runs/set-tag", {"run_id": run_id, "key": "t", "value": "x" * 9_000})
    data = read(door, run_id)["data"]
    assert len(pairs(data["params"])["p"]) == 6_000
    assert len(pairs(data["tags"])["t"]) == 8_000
