"""The notebook of a tracked run logs by MLflow's protocol: its first run is the tracked run itself."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mlflow.conftest import MlflowDoor
from tests.jupyter_host import JupyterHost
from tests.kernel_tokens import USER, kernels_of
from tests.notebook_files import notebook, write

PARENT = "mlflow.parentRunId"
_WAITS = """
import pathlib, time
while not pathlib.Path({name!r}).exists():
    time.sleep(0.02)
{end}
"""


@dataclass
class Tracked:
    """A tracked run whose notebook is at work until it is told to end, and the token of its kernel."""

    door: MlflowDoor
    run_id: str
    token: str
    sign: Path

    def tell(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.door.ask("POST", f"mlflow/{path}", body, token=self.token)
        assert answer.status == 200, answer.body
        told: dict[str, Any] = answer.json()
        return told

    def create(self, experiment: str, *, name: str = "", **tags: str) -> dict[str, Any]:
        """Open a run as the notebook does, and return it."""
        sent = [{"key": key.replace("__", "."), "value": text} for key, text in tags.items()]
        asked = {"experiment_id": experiment, "run_name": name, "tags": sent}
        made: dict[str, Any] = self.tell("runs/create", asked)["run"]
        return made

    def log_parameter(self, key: str, value: str) -> int:
        body = {"run_id": self.run_id, "key": key, "value": value}
        return self.door.ask("POST", "mlflow/runs/log-parameter", body, token=self.token).status

    def own(self, run_id: str | None = None) -> dict[str, Any]:
        """Return a run, by default the tracked one, as the panel sees it."""
        found: dict[str, Any] = self.door.host.request(
            "GET", f"runs/{run_id or self.run_id}"
        ).json()
        return found

    def end(self) -> None:
        """Let the notebook come to its end, and wait until that is recorded."""
        self.sign.touch()
        until(lambda: self.own()["status"] not in ("SCHEDULED", "RUNNING"))


def until(done: Any) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def tags_of(run: dict[str, Any]) -> dict[str, str]:
    return {item["key"]: item["value"] for item in run["data"]["tags"]}


def begin(host: JupyterHost, name: str, end: str = "") -> Tracked:
    """Start a tracked run whose notebook waits; ``end`` is what it does then."""
    content = notebook("alpha = 0.5\ndepth = 3\napi_key = ''")
    content["cells"][2]["source"] = _WAITS.format(name=f"{name}.sign", end=end)
    write(host.root / f"{name}.ipynb", content)
    asked = {
        "notebook": f"{name}.ipynb",
        "name": f"run of {name}",
        "experiment": f"experiment of {name}",
        "parameters": {"depth": 4, "api_key": "s3cr3t-s3cr3t"},
    }
    submitted = host.request("POST", "runs", asked)
    assert submitted.status == 202, submitted.body
    run_id = str(submitted.json()["run_id"])
    until(lambda: host.request("GET", f"runs/{run_id}").json()["status"] == "RUNNING")
    with kernels_of(host.home) as kernels:
        token = kernels.issue_for_run(run_id, USER)
    return Tracked(MlflowDoor(host), run_id, token, host.root / f"{name}.sign")


@pytest.fixture
def tracked(host: JupyterHost, request: pytest.FixtureRequest) -> Iterator[Tracked]:
    made = begin(host, request.node.name.partition("[")[0])
    yield made
    made.end()


@pytest.fixture
def own_experiment(tracked: Tracked) -> str:
    return str(tracked.own()["experiment_id"])


def test_the_first_run_of_a_notebook_is_the_tracked_run(
    tracked: Tracked, own_experiment: str
) -> None:
    run = tracked.create(own_experiment, stage="idea", mlflow__user=USER)
    assert run["info"]["run_id"] == tracked.run_id
    assert run["info"]["status"] == "RUNNING"
    own = tracked.own()
    assert (own["source_type"], own["name"]) == ("notebook", f"run of {tracked.sign.stem}")
    assert own["experiment_id"] == int(own_experiment)
    assert own["tags"] == [{"key": "stage", "value": "idea"}]


def test_the_name_that_the_notebook_gives_its_run_is_taken_over(
    tracked: Tracked, own_experiment: str
) -> None:
    tracked.create(own_experiment, name="best so far")
    assert tracked.own()["name"] == "best so far"


def test_the_tracked_run_moves_to_the_experiment_that_its_notebook_names(
    tracked: Tracked, experiment: str
) -> None:
    run = tracked.create(experiment)
    assert run["info"]["run_id"] == tracked.run_id
    assert run["info"]["experiment_id"] == experiment
    assert run["info"]["artifact_uri"].startswith(f"mlflow-artifacts:/{experiment}/")
    assert tracked.own()["experiment_id"] == int(experiment)


def test_an_experiment_in_the_trash_takes_no_tracked_run(tracked: Tracked, experiment: str) -> None:
    tracked.door.tell("POST", "experiments/delete", {"experiment_id": experiment})
    body = {"experiment_id": experiment}
    assert tracked.door.ask("POST", "mlflow/runs/create", body, token=tracked.token).status == 400
    assert tracked.create("0")["info"]["run_id"] == tracked.run_id


def test_later_runs_of_a_notebook_are_children_of_the_tracked_run(
    tracked: Tracked, own_experiment: str
) -> None:
    tracked.create(own_experiment)
    child = tracked.create(own_experiment, mlflow__source__name="/usr/x/ipykernel_launcher.py")
    assert child["info"]["run_id"] != tracked.run_id
    assert tags_of(child)[PARENT] == tracked.run_id
    assert tags_of(child)["mlflow.source.name"] == f"{tracked.sign.stem}.ipynb"
    own = tracked.own(child["info"]["run_id"])
    assert (own["source_type"], own["notebook"]) == ("client", f"{tracked.sign.stem}.ipynb")
    grandchild = tracked.create(own_experiment, mlflow__parentRunId=child["info"]["run_id"])
    assert tags_of(grandchild)[PARENT] == child["info"]["run_id"]


def test_a_run_that_is_nested_in_another_one_is_not_the_tracked_run(
    tracked: Tracked, own_experiment: str
) -> None:
    other = tracked.door.new_run("0")
    nested = tracked.create(own_experiment, mlflow__parentRunId=other)
    assert nested["info"]["run_id"] != tracked.run_id
    assert tracked.create(own_experiment)["info"]["run_id"] == tracked.run_id


def test_of_runs_opened_at_the_same_moment_one_is_the_tracked_run(
    tracked: Tracked, own_experiment: str
) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: tracked.create(own_experiment), range(8)))
    ids = [run["info"]["run_id"] for run in made]
    assert ids.count(tracked.run_id) == 1
    assert len(set(ids)) == 8
    assert sum(tags_of(run).get(PARENT) == tracked.run_id for run in made) == 7


def test_how_the_tracked_run_ends_is_not_for_its_notebook_to_say(
    tracked: Tracked, own_experiment: str
) -> None:
    tracked.create(own_experiment)
    body = {"run_id": tracked.run_id, "status": "FAILED", "end_time": 5}
    assert tracked.tell("runs/update", body)["run_info"]["status"] == "RUNNING"
    tracked.end()
    assert tracked.own()["status"] == "FINISHED"


def test_what_a_notebook_left_open_ends_as_its_tracked_run_did(host: JupyterHost) -> None:
    tracked = begin(host, "fails", end="raise ValueError('no')")
    experiment = str(tracked.own()["experiment_id"])
    tracked.create(experiment)
    open_child, ended_child = (tracked.create(experiment)["info"]["run_id"] for _ in range(2))
    tracked.tell("runs/update", {"run_id": ended_child, "status": "FINISHED", "end_time": 5})
    tracked.end()
    assert (tracked.own()["status"], tracked.own()["reason"]) == ("FAILED", "cell_error")
    child = tracked.own(open_child)
    assert (child["status"], child["reason"]) == ("FAILED", "cell_error")
    assert child["message"] == "It was open when the run of its notebook ended."
    assert child["ended_at"] is not None
    assert tracked.own(ended_child)["status"] == "FINISHED"


def test_a_cancelled_run_takes_along_what_its_notebook_left_open(host: JupyterHost) -> None:
    tracked = begin(host, "cancelled")
    experiment = str(tracked.own()["experiment_id"])
    tracked.create(experiment)
    child = tracked.create(experiment)["info"]["run_id"]
    assert host.request("POST", f"runs/{tracked.run_id}/cancel").status == 202
    until(lambda: tracked.own()["status"] == "KILLED")
    found = tracked.own(child)
    assert (found["status"], found["reason"]) == ("KILLED", "cancelled")


def test_the_token_of_a_run_is_worthless_from_its_end_on(host: JupyterHost) -> None:
    tracked = begin(host, "ended")
    tracked.end()
    for method, path, body in (
        ("POST", "mlflow/runs/create", {"experiment_id": "0"}),
        ("GET", "mlflow/experiments/get?experiment_id=0", None),
        ("GET", "mlflow-artifacts/artifacts?path=0", None),
    ):
        answer = tracked.door.ask(method, path, body, token=tracked.token)
        assert answer.status == 401
        assert answer.json()["error_code"] == "UNAUTHENTICATED"


def parameters(tracked: Tracked) -> dict[str, tuple[Any, str]]:
    return {item["key"]: (item["value"], item["origin"]) for item in tracked.own()["parameters"]}


def test_what_a_run_was_given_stays_whatever_its_notebook_logs(tracked: Tracked) -> None:
    assert tracked.log_parameter("depth", "4") == 200
    assert tracked.own()["tags"] == []
    assert tracked.log_parameter("depth", "7") == 200
    assert tracked.log_parameter("depth", "8") == 200
    assert parameters(tracked)["depth"] == (4, "given")
    assert tracked.own()["tags"] == [{"key": "mlops.logged.depth", "value": "8"}]


def test_a_default_makes_room_for_another_value_that_its_notebook_logs(tracked: Tracked) -> None:
    assert tracked.log_parameter("alpha", "0.5") == 200
    assert parameters(tracked)["alpha"] == (0.5, "default")
    assert tracked.log_parameter("alpha", "0.25") == 200
    assert parameters(tracked)["alpha"] == ("0.25", "logged")


def test_a_secret_is_not_told_by_logging_it(tracked: Tracked) -> None:
    assert tracked.log_parameter("api_key", "s3cr3t-s3cr3t") == 200
    assert parameters(tracked)["api_key"] == ("***", "given")
    assert "s3cr3t-s3cr3t" not in json.dumps(tracked.own())
