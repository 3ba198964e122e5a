"""Experiments by MLflow's protocol: found by id and name, renamed, tagged, deleted and back again."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.mlflow.conftest import MlflowDoor


def read(door: MlflowDoor, experiment: str) -> dict[str, Any]:
    found: dict[str, Any] = door.tell("GET", "experiments/get", experiment_id=experiment)
    return dict(found["experiment"])


def test_the_default_experiment_is_there_from_the_beginning(door: MlflowDoor) -> None:
    found = read(door, "0")
    assert (found["name"], found["lifecycle_stage"]) == ("Default", "active")
    assert door.tell("GET", "experiments/get-by-name", experiment_name="Default") == {
        "experiment": found
    }


def test_a_name_is_taken_once_whatever_its_case(door: MlflowDoor) -> None:
    door.new_experiment("Weine")
    for name in ("Weine", "WEINE"):
        refused = door.refusal("POST", "experiments/create", {"name": name})
        assert refused[:2] == (400, "RESOURCE_ALREADY_EXISTS")
        found = door.tell("GET", "experiments/get-by-name", experiment_name=name)
        assert found["experiment"]["name"] == "Weine"


def test_a_deleted_experiment_frees_its_name_and_takes_its_runs_along(door: MlflowDoor) -> None:
    experiment = door.new_experiment("once")
    earlier, later = door.new_run(experiment), door.new_run(experiment)
    door.tell("POST", "runs/delete", {"run_id": earlier})
    door.tell("POST", "experiments/delete", {"experiment_id": experiment})
    assert read(door, experiment)["lifecycle_stage"] == "deleted"
    by_name = door.tell("GET", "experiments/get-by-name", experiment_name="once")
    assert by_name["experiment"]["experiment_id"] == experiment
    assert stage(door, later) == "deleted"
    refused = door.refusal("POST", "runs/create", {"experiment_id": experiment})
    assert refused[0] == 400
    again = door.new_experiment("once")
    taken = door.refusal("POST", "experiments/restore", {"experiment_id": experiment})
    assert taken[:2] == (400, "INVALID_PARAMETER_VALUE")
    door.tell("POST", "experiments/update", {"experiment_id": again, "new_name": "twice"})
    door.tell("POST", "experiments/restore", {"experiment_id": experiment})
    # What went to the trash before stays there.
    assert (stage(door, earlier), stage(door, later)) == ("deleted", "active")


def test_a_model_goes_and_comes_back_with_its_experiment(door: MlflowDoor) -> None:
    experiment = door.new_experiment("with a model")
    model_id = door.new_model(experiment)
    door.tell("POST", "experiments/delete", {"experiment_id": experiment})
    assert door.refusal("GET", f"logged-models/{model_id}")[0] == 404
    door.tell("POST", "experiments/restore", {"experiment_id": experiment})
    assert door.tell("GET", f"logged-models/{model_id}")["model"]["info"]["model_id"] == model_id


def test_a_run_that_is_restored_brings_its_experiment_back(door: MlflowDoor) -> None:
    experiment = door.new_experiment("brought back")
    run_id, other = door.new_run(experiment), door.new_run(experiment)
    door.tell("POST", "experiments/delete", {"experiment_id": experiment})
    door.tell("POST", "runs/restore", {"run_id": run_id})
    assert read(door, experiment)["lifecycle_stage"] == "active"
    assert (stage(door, run_id), stage(door, other)) == ("active", "deleted")


def test_an_experiment_is_made_with_all_its_tags_or_not_at_all(door: MlflowDoor) -> None:
    tags = [{"key": "team", "value": "red"}, {"key": "../x", "value": "1"}]
    body = {"name": "half", "tags": tags}
    assert door.refusal("POST", "experiments/create", body)[:2] == (400, "INVALID_PARAMETER_VALUE")
    body["tags"] = [tags[0], {"key": "mlflow.note.content", "value": "Whole."}]
    made = door.tell("POST", "experiments/create", body)["experiment_id"]
    assert {tag["key"] for tag in read(door, made)["tags"]} == {"team", "mlflow.note.content"}


def test_an_experiment_whose_runs_are_executed_here_is_not_deleted(door: MlflowDoor) -> None:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": "import time; time.sleep(60)",
        }
    ]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "cells": cells,
    }
    (door.host.root / "long.ipynb").write_text(json.dumps(notebook), "utf-8")
    answer = door.host.request("POST", "runs", {"notebook": "long.ipynb", "experiment": "executed"})
    assert answer.status == 202
    run_id = answer.json()["run_id"]
    experiment = door.tell("GET", "experiments/get-by-name", experiment_name="executed")
    body = {"experiment_id": experiment["experiment"]["experiment_id"]}
    assert door.refusal("POST", "experiments/delete", body)[0] == 400
    assert stage(door, run_id) == "active"
    assert door.host.request("POST", f"runs/{run_id}/cancel").status == 202
    door.host.settle()
    door.tell("POST", "experiments/delete", body)
    assert stage(door, run_id) == "deleted"


def stage(door: MlflowDoor, run_id: str) -> str:
    return str(door.tell("GET", "runs/get", run_id=run_id)["run"]["info"]["lifecycle_stage"])


def test_the_description_is_a_tag_for_one_door_and_a_field_for_the_other(
    door: MlflowDoor, experiment: str
) -> None:
    for key, value in (("team", "red"), ("mlflow.note.content", "All wines.")):
        tag = {"experiment_id": experiment, "key": key, "value": value}
        door.tell("POST", "experiments/set-experiment-tag", tag)
    assert {tag["key"]: tag["value"] for tag in read(door, experiment)["tags"]} == {
        "team": "red",
        "mlflow.note.content": "All wines.",
    }
    own = door.host.request("GET", "experiments?limit=1000").json()["experiments"]
    mine = next(each for each in own if str(each["experiment_id"]) == experiment)
    assert (mine["description"], mine["tags"]) == ("All wines.", [{"key": "team", "value": "red"}])
    for key in ("team", "mlflow.note.content"):
        door.tell(
            "POST",
            "experiments/delete-experiment-tag",
            {"experiment_id": experiment, "key": key},
        )
    assert "tags" not in read(door, experiment)


def test_a_search_finds_by_name_and_tag_page_by_page(door: MlflowDoor) -> None:
    made = [door.new_experiment(f"page {number}") for number in range(5)]
    door.tell(
        "POST",
        "experiments/set-experiment-tag",
        {"experiment_id": made[3], "key": "team", "value": "blue"},
    )
    found: list[str] = []
    token = ""
    while True:
        page = door.tell(
            "POST",
            "experiments/search",
            {
                "max_results": 2,
                "filter": "name LIKE 'page %'",
                "order_by": ["name DESC"],
                "page_token": token,
            },
        )
        found += [each["name"] for each in page["experiments"]]
        token = page.get("next_page_token", "")
        if not token:
            break
    assert found == [f"page {number}" for number in range(4, -1, -1)]
    tagged = door.tell(
        "POST", "experiments/search", {"max_results": 9, "filter": "tags.team = 'blue'"}
    )
    assert [each["experiment_id"] for each in tagged["experiments"]] == [made[3]]


def test_where_files_go_is_not_for_a_client_to_say(door: MlflowDoor) -> None:
    body = {"name": "elsewhere", "artifact_location": "s3://bucket/x"}
    assert door.refusal("POST", "experiments/create", body)[:2] == (
        400,
        "INVALID_PARAMETER_VALUE",
    )
    absent = door.refusal("GET", "experiments/get-by-name", experiment_name="elsewhere")
    assert absent[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
