"""Clients that log a lot wait for each other: nothing is refused, and the panel is still answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.server.workroom import IN_FLIGHT_PER_USER, WAITING_PER_USER
from tests.identities import OWNER
from tests.jupyter_host import JupyterHost
from tests.kernel_tokens import token_of_kernel
from tests.mlflow_door import TRACKING, MlflowDoor

CLIENTS = IN_FLIGHT_PER_USER + WAITING_PER_USER + 28
EACH = 5


@pytest.fixture(scope="module")
def slow_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    """A server whose pace is over after 50 requests."""
    folder = tmp_path_factory.mktemp("paced")
    with JupyterHost(folder, config="c.MLOpsApp.requests_per_second = 10\n").wait() as host:
        yield host


@pytest.mark.parametrize("of", ["a user", "a kernel"])
def test_a_hundred_clients_that_log_at_once_are_all_answered(
    slow_host: JupyterHost, of: str
) -> None:
    door = MlflowDoor(slow_host)
    run_id = door.new_run()
    token = OWNER if of == "a user" else token_of_kernel(slow_host.home)

    def log_one(client: int, step: int) -> int:
        point = {"key": f"m{client}", "value": step, "timestamp": 1, "step": step}
        data = json.dumps({"run_id": run_id, **point}).encode()
        path = f"{TRACKING}runs/log-metric"
        return door.send("POST", path, data, Authorization=f"Bearer {token}").status

    def log(client: int) -> list[int]:
        return [log_one(client, step) for step in range(EACH)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = [pool.submit(log, client) for client in range(CLIENTS)]
        statuses = [status for each in sent for status in each.result()]
    assert statuses == [200] * CLIENTS * EACH
    metrics = door.get("runs/get", run_id=run_id).json()["run"]["data"]["metrics"]
    assert {item["key"]: item["step"] for item in metrics} == {
        f"m{client}": EACH - 1 for client in range(CLIENTS)
    }
    # They took nothing from the pace of the panel.
    assert slow_host.request("GET", "runs").status == 200
