"""Kernels that people work in log by MLflow's protocol, each with a token of its own."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from subprocess import PIPE
from typing import Any

import pytest
from sqlalchemy import text

from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.services.dispatcher import SWEEP_SECONDS
from tests.identities import OWNER
from tests.integration.mlflow.conftest import MlflowDoor
from tests.jupyter_host import BASE_URL, ROOT
from tests.kernel_tokens import USER, kernels_of, token_of_ended_kernel, token_of_kernel
from tests.store_snapshot import snapshot

NOTEBOOK = "lab/Untitled.ipynb"
METRIC = {"key": "loss", "value": 0.5, "timestamp": 5}


@pytest.fixture
def kernel(request: pytest.FixtureRequest) -> str:
    """The id of a kernel of this test alone."""
    return str(request.node.name)


def opened(door: MlflowDoor, token: str, experiment: str = "0", **tags: str) -> dict[str, Any]:
    """Open a run as code in a kernel does, and return it."""
    sent = [{"key": key.replace("__", "."), "value": text} for key, text in tags.items()]
    body = {"experiment_id": experiment, "tags": sent}
    answer = door.ask("POST", "mlflow/runs/create", body, token=token)
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()["run"]
    return made


def id_of(run: dict[str, Any]) -> str:
    return str(run["info"]["run_id"])


def tags_of(run: dict[str, Any]) -> dict[str, str]:
    return {item["key"]: item["value"] for item in run["data"]["tags"]}


def own(door: MlflowDoor, run: dict[str, Any]) -> dict[str, Any]:
    """Return a run as the panel sees it."""
    found: dict[str, Any] = door.host.request("GET", f"runs/{id_of(run)}").json()
    return found


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"mlflow__source__name": NOTEBOOK, "mlflow__source__type": "NOTEBOOK"},
        {"mlflow__source__name": "Untitled.ipynb"},
        {"mlflow__source__name": "/env/lib/ipykernel_launcher.py", "mlflow__source__type": "LOCAL"},
    ],
)
def test_a_run_carries_the_notebook_of_its_kernel_as_it_is_called_now(
    door: MlflowDoor, kernel: str, experiment: str, named: dict[str, str]
) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    before = opened(door, token, experiment, **named)
    assert own(door, before)["notebook"] == NOTEBOOK
    with kernels_of(door.host.home) as kernels:
        kernels.move(kernel, "lab/train.ipynb")
    run = opened(door, token, experiment, **named)
    assert tags_of(run)["mlflow.source.name"] == "lab/train.ipynb"
    assert tags_of(run)["mlflow.source.type"] == "NOTEBOOK"
    found = own(door, run)
    assert (found["source_type"], found["notebook"]) == ("client", "lab/train.ipynb")
    assert found["user"] == "olive"
    by_source = "tags.mlflow.source.name = 'lab/train.ipynb'"
    searched = {"experiment_ids": [experiment], "filter": by_source}
    assert [id_of(each) for each in door.tell("POST", "runs/search", searched)["runs"]] == [
        id_of(run)
    ]


def test_a_source_that_the_user_names_stays(door: MlflowDoor, kernel: str) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    named = {"mlflow__source__name": "pipeline/train.py", "mlflow__source__type": "PROJECT"}
    run = opened(door, token, **named)
    assert tags_of(run)["mlflow.source.name"] == "pipeline/train.py"
    assert tags_of(run)["mlflow.source.type"] == "PROJECT"
    assert own(door, run)["notebook"] == NOTEBOOK


def test_a_kernel_without_a_notebook_tracks_as_well(door: MlflowDoor, kernel: str) -> None:
    run = opened(door, token_of_kernel(door.host.home, kernel))
    assert "mlflow.source.name" not in tags_of(run)
    assert own(door, run)["notebook"] is None


def test_runs_of_one_notebook_are_not_children_of_one_another(
    door: MlflowDoor, kernel: str
) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    runs = [opened(door, token) for _ in range(2)]
    assert id_of(runs[0]) != id_of(runs[1])
    assert [tags_of(run).get("mlflow.parentRunId") for run in runs] == [None, None]


def test_a_kernel_does_the_whole_of_tracking(door: MlflowDoor, kernel: str) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    run_id = id_of(opened(door, token))

    def answers(method: str, path: str, body: Any = None) -> int:
        return door.ask(method, path, body, token=token).status

    assert answers("POST", "mlflow/experiments/create", {"name": kernel}) == 200
    assert answers("POST", "mlflow/runs/log-metric", {"run_id": run_id, **METRIC}) == 200
    assert answers("PUT", f"mlflow-artifacts/artifacts/0/{run_id}/artifacts/a.txt", b"text") == 200
    assert answers("POST", "mlflow/registered-models/create", {"name": kernel}) == 200
    body = {"run_id": run_id, "status": "FINISHED", "end_time": 9}
    assert answers("POST", "mlflow/runs/update", body) == 200


@pytest.mark.parametrize("path", ["version", "health", "api/3.0/mlflow/server-info"])
def test_a_kernel_may_ask_what_the_server_can_do(door: MlflowDoor, kernel: str, path: str) -> None:
    token = token_of_kernel(door.host.home, kernel)
    address = f"{BASE_URL}mlops/"
    assert door.host.request("GET", path, token=token, address=address).status == 200
    ended = token_of_ended_kernel(door.host.home)
    assert door.host.request("GET", path, token=ended, address=address).status == 401


@pytest.mark.parametrize("word", ["Bearer", "bearer", "token"])
def test_the_token_of_a_kernel_opens_no_other_door(
    door: MlflowDoor, kernel: str, word: str
) -> None:
    token = token_of_kernel(door.host.home, kernel)
    proof = {"Authorization": f"{word} {token}"}

    def status(address: str, path: str, method: str = "GET") -> int:
        body = b"{}" if method == "POST" else None
        sent = proof | ({} if body is None else {"Content-Type": "application/json"})
        return door.host.request(
            method, path, body, token=None, headers=sent, address=address
        ).status

    ours = f"{BASE_URL}mlops/api/"
    assert status(ours, "status") == 403
    assert status(ours, "runs", "POST") == 403
    assert status(ours, "nothing/here") == 403
    assert status(BASE_URL, "api/contents") == 403
    assert status(BASE_URL, "api/kernels", "POST") == 403
    assert status(f"{BASE_URL}mlops/", "api/2.0/mlflow/experiments/get?experiment_id=0") == 200


def test_a_token_is_taken_from_its_header_only(door: MlflowDoor, kernel: str) -> None:
    token = token_of_kernel(door.host.home, kernel)
    address = f"{BASE_URL}mlops/"
    path = "version"

    def status(path: str, **headers: str) -> int:
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        return door.host.request("GET", path, token=None, headers=sent, address=address).status

    assert status(f"{path}?token={token}") == 400
    assert status(f"{path}?token={token}", Authorization=f"Bearer {token}") == 400
    assert status(path, Authorization=f"Basic {token}") == 401
    assert status(path, Authorization=token) == 401
    assert status(path, Cookie=f"username={token}") == 401
    assert status(path, Authorization=f"Bearer {token}x") == 401
    assert status(path, Authorization=f"Bearer {token[:-1]}") == 401
    assert status(path, Authorization="Bearer jmk_" + "\xff" * 50) == 401
    assert status(path, Authorization=f"Bearer {token}", Origin="https://evil.example") == 403
    assert status(path, Authorization=f"Bearer {token}", Sec_Fetch_Site="cross-site") == 403


def test_a_token_is_worthless_at_once_when_its_kernel_ends(door: MlflowDoor, kernel: str) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    run = opened(door, token)
    connection = http.client.HTTPConnection(door.host.netloc, timeout=60)

    def status() -> int:
        """Ask on a connection that was let in before."""
        connection.request(
            "GET", f"{BASE_URL}mlops/version", headers={"Authorization": f"Bearer {token}"}
        )
        response = connection.getresponse()
        response.read()
        return response.status

    assert status() == 200
    with kernels_of(door.host.home) as kernels:
        kernels.end_kernel(kernel, KernelEnd.SHUT_DOWN)
    assert status() == 401
    connection.close()
    for path in ("runs/log-metric", "runs/update"):
        body = {"run_id": id_of(run), "status": "RUNNING", **METRIC}
        assert door.ask("POST", f"mlflow/{path}", body, token=token).status == 401
    found = own(door, run)
    assert (found["status"], found["reason"]) == ("KILLED", "cancelled")


def test_an_expired_token_is_refused_until_its_server_renews_it(
    door: MlflowDoor, kernel: str
) -> None:
    with kernels_of(door.host.home) as kernels:
        token = kernels.issue_for_kernel(owner(USER), kernel, NOTEBOOK)
        run = opened(door, token)
        with kernels._database.write() as connection:
            expire = text("UPDATE kernel_tokens SET expires_at = 1 WHERE kernel_id = :kernel")
            connection.execute(expire, {"kernel": kernel})
        body = {"run_id": id_of(run), **METRIC}
        assert door.ask("POST", "mlflow/runs/log-metric", body, token=token).status == 401
        kernels.renew([kernel])
        assert door.ask("POST", "mlflow/runs/log-metric", body, token=token).status == 200


def test_a_file_that_is_sent_with_a_worthless_token_is_not_read(
    door: MlflowDoor, kernel: str
) -> None:
    run_id = id_of(opened(door, token_of_kernel(door.host.home, kernel, NOTEBOOK)))
    ended = token_of_ended_kernel(door.host.home)
    before = snapshot(door.host.home)
    path = f"0/{run_id}/artifacts/model.bin"
    assert door.file("PUT", path, b"x" * 10_000, token=ended).status == 401
    assert snapshot(door.host.home) == before


def test_a_run_that_a_kernel_opens_again_ends_with_that_kernel(
    door: MlflowDoor, kernel: str
) -> None:
    run_id = door.new_run("0")
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    body = {"run_id": run_id, "status": "RUNNING"}
    assert door.ask("POST", "mlflow/runs/update", body, token=token).status == 200
    with kernels_of(door.host.home) as kernels:
        kernels.end_kernel(kernel, KernelEnd.DIED)
    found = door.host.request("GET", f"runs/{run_id}").json()
    assert (found["status"], found["reason"]) == ("FAILED", "kernel_died")


def test_a_run_that_another_client_opened_again_does_not_end_with_the_kernel(
    door: MlflowDoor, kernel: str
) -> None:
    run = opened(door, token_of_kernel(door.host.home, kernel, NOTEBOOK))
    for status in ("FINISHED", "RUNNING"):
        door.tell("POST", "runs/update", {"run_id": id_of(run), "status": status})
    with kernels_of(door.host.home) as kernels:
        kernels.end_kernel(kernel, KernelEnd.SHUT_DOWN)
    assert own(door, run)["status"] == "RUNNING"
    assert OWNER not in door.host.log


def test_no_token_is_told_to_the_log(door: MlflowDoor, kernel: str) -> None:
    token = token_of_kernel(door.host.home, kernel, NOTEBOOK)
    opened(door, token)
    assert door.ask("POST", "mlflow/runs/create", b"{", token=token).status == 400
    with kernels_of(door.host.home) as kernels:
        kernels.end_kernel(kernel, KernelEnd.SHUT_DOWN)
    assert door.ask("POST", "mlflow/runs/create", b"{", token=token).status == 401
    assert token.removeprefix("jmk_") not in door.host.log


_OF_A_SERVER = """
import sys
from pathlib import Path
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.client_runs import LoggedBatch, NewClientRun
from jupyter_mlops.services.client_runs import ClientRunService
from tests.kernel_tokens import kernels_of

with kernels_of(Path(sys.argv[1])) as kernels:
    actor = kernels.resolve(kernels.issue_for_kernel(owner("olive"), "k", None))
    new = NewClientRun(experiment_id=0, started_at=None, first=LoggedBatch())
    print(ClientRunService(kernels._database).create(actor, new).run_id, flush=True)
    sys.stdin.read()
"""


def test_what_the_kernels_of_a_killed_server_left_open_is_lost_within_seconds(
    door: MlflowDoor,
) -> None:
    command = [sys.executable, "-c", _OF_A_SERVER, str(door.host.home)]
    with subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True) as server:
        assert server.stdout is not None
        run_id = server.stdout.readline().strip()
        time.sleep(SWEEP_SECONDS + 1)
        assert door.host.request("GET", f"runs/{run_id}").json()["status"] == "RUNNING"
        server.kill()
        server.wait()
    deadline = time.monotonic() + 10
    while (run := door.host.request("GET", f"runs/{run_id}").json())["status"] == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (run["status"], run["reason"]) == ("FAILED", "lost")
    assert run["message"] == "The server of the kernel went away while this run was open."
