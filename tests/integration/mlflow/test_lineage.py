"""Data sets and models of runs over HTTP: told once, told again with the run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.mlflow.conftest import MlflowDoor

DATASET = {
    "name": "train",
    "digest": "1f",
    "source_type": "local",
    "source": '{"uri": "/a.csv"}',
    "schema": "{}",
    "profile": '{"num_rows": 3}',
}
CONTEXT = {"key": "mlflow.data.context", "value": "training"}


def run_of(door: MlflowDoor, run_id: str) -> dict[str, Any]:
    run: dict[str, Any] = door.tell("GET", "runs/get", run_id=run_id)["run"]
    return run


def test_inputs_and_outputs_come_back_with_the_run(door: MlflowDoor, experiment: str) -> None:
    run_id, model_id = door.new_run(experiment), door.new_model(experiment)
    inputs = [{"dataset": DATASET, "tags": [CONTEXT]}]
    elsewhere = "m-of-another-server"
    body = {
        "run_id": run_id,
        "datasets": inputs,
        "models": [{"model_id": model_id}, {"model_id": elsewhere}],
    }
    for _ in range(2):
        assert door.tell("POST", "runs/log-inputs", body) == {}
    outputs = [{"model_id": model_id, "step": 3}]
    assert door.tell("POST", "runs/outputs", {"run_id": run_id, "models": outputs}) == {}
    expected = {
        "inputs": {
            "dataset_inputs": inputs,
            "model_inputs": [{"model_id": model_id}, {"model_id": elsewhere}],
        },
        "outputs": {"model_outputs": outputs},
    }
    run = run_of(door, run_id)
    assert {name: run[name] for name in expected} == expected
    found = door.tell(
        "POST",
        "runs/search",
        {"experiment_ids": [experiment], "filter": "dataset.context = 'training'"},
    )
    assert [{name: each[name] for name in expected} for each in found["runs"]] == [expected]


@pytest.mark.parametrize(
    ("condition", "finds"),
    [
        ("dataset.name = 'train'", True),
        ("dataset.name = 'Train'", False),
        ("dataset.name IN ('x', 'train')", True),
        ("datasets.digest = '1f' AND dataset.context != 'training'", False),
        ("dataset.context LIKE 'train%'", True),
        ("dataset.digest = 'training'", False),
    ],
)
def test_runs_are_found_by_what_they_read(
    door: MlflowDoor, experiment: str, condition: str, finds: bool
) -> None:
    run_id = door.new_run(experiment)
    door.new_run(experiment)
    inputs = [{"dataset": DATASET, "tags": [CONTEXT]}]
    door.tell("POST", "runs/log-inputs", {"run_id": run_id, "datasets": inputs})
    body = {"experiment_ids": [experiment], "filter": condition}
    found = door.tell("POST", "runs/search", body).get("runs", [])
    assert [each["info"]["run_id"] for each in found] == [run_id] * finds


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "x" * 501}, "'name' exceeds the maximum length of 500 characters"),
        ({"digest": "x" * 37}, "'digest' exceeds the maximum length of 36 characters"),
        ({"source": "x" * 65_536}, "'source' exceeds"),
        ({"schema": "x" * 1_048_576}, "'schema' exceeds"),
    ],
)
def test_a_description_that_is_too_long_is_refused(
    door: MlflowDoor, experiment: str, changed: dict[str, str], said: str
) -> None:
    run_id = door.new_run(experiment)
    body = {"run_id": run_id, "datasets": [{"dataset": {**DATASET, **changed}}]}
    status, code, message = door.refusal("POST", "runs/log-inputs", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert said in message
    assert run_of(door, run_id)["inputs"] == {}


def test_a_long_schema_is_kept_whole(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    schema, profile = "s" * 1_000_000, "p" * 3_000_000
    dataset = {**DATASET, "schema": schema, "profile": profile}
    door.tell("POST", "runs/log-inputs", {"run_id": run_id, "datasets": [{"dataset": dataset}]})
    (item,) = run_of(door, run_id)["inputs"]["dataset_inputs"]
    assert item["dataset"] == dataset


@pytest.mark.parametrize("path", ["runs/log-inputs", "runs/outputs"])
def test_only_a_living_run_has_inputs_and_outputs(
    door: MlflowDoor, experiment: str, path: str
) -> None:
    run_id = door.new_run(experiment)
    nothing: dict[str, Any] = {"models": []}
    assert door.refusal("POST", path, {**nothing, "run_id": "0" * 32}) == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        f"Run with id={'0' * 32} not found",
    )
    door.tell("POST", "runs/delete", {"run_id": run_id})
    status, _, message = door.refusal("POST", path, {**nothing, "run_id": run_id})
    assert status == 400
    assert "must be in the 'active' state" in message
    assert "Missing value for required parameter 'run_id'" in door.refusal("POST", path, nothing)[2]


def test_a_model_without_an_id_is_refused(door: MlflowDoor, experiment: str) -> None:
    run_id = door.new_run(experiment)
    for model in ({}, {"model_id": ""}, {"model_id": "m" * 251}):
        body = {"run_id": run_id, "models": [model]}
        assert door.refusal("POST", "runs/outputs", body)[0] == 400
    assert door.refusal("POST", "runs/outputs", {"run_id": run_id})[0] == 400
