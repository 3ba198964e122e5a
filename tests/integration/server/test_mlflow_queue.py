"""Clients that log a lot wait for each other: nothing is refused, and the panel is still answered."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.server.workroom import (
    IN_FLIGHT_PER_USER,
    TRACKING_PER_USER,
    WAITING_PER_USER,
)
from tests.identities import OWNER
from tests.jupyter_host import JupyterHost
from tests.kernel_tokens import token_of_kernel
from tests.mlflow_door import ADDRESS, TRACKING, MlflowDoor
from tests.workspace import until

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


@contextmanager
def all_places_taken(host: JupyterHost) -> Iterator[None]:
    """Hold every place of the user by clients that announced a message and do not send it."""
    with ExitStack() as held:
        for _ in range(TRACKING_PER_USER):
            held.enter_context(begin(host, "POST", "runs/create", 10))
        until(lambda: is_kept_waiting(host), "every place to be taken")
        yield


def is_kept_waiting(host: JupyterHost) -> bool:
    """Tell whether a client that asks for something now has to wait."""
    with begin(host, "GET", "experiments/get?experiment_id=0", 0) as connection:
        connection.settimeout(0.5)
        try:
            return not connection.recv(1)
        except TimeoutError:
            return True


def begin(host: JupyterHost, method: str, path: str, length: int) -> socket.socket:
    """Announce a message and send nothing of it."""
    connection = socket.create_connection(("127.0.0.1", host.port), timeout=30)
    connection.sendall(
        f"{method} {ADDRESS}{TRACKING}{path} HTTP/1.1\r\nHost: {host.netloc}\r\n"
        f"Authorization: Bearer {OWNER}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n".encode()
    )
    return connection


def count_of_runs(host: JupyterHost) -> int:
    return int(host.request("GET", "runs?limit=1").json()["total"])


def test_what_a_client_sent_that_went_away_in_line_is_not_done(host: JupyterHost) -> None:
    before = count_of_runs(host)
    with all_places_taken(host):
        message = b'{"experiment_id": "0"}'
        with begin(host, "POST", "runs/create", len(message)) as connection:
            connection.sendall(message)
            time.sleep(0.2)
        time.sleep(0.2)
    until(lambda: MlflowDoor(host).get("experiments/get", experiment_id="0").status == 200, "room")
    assert count_of_runs(host) == before


def test_messages_in_line_take_no_memory(host: JupyterHost) -> None:
    server = psutil.Process(host.process.pid)
    with all_places_taken(host), ExitStack() as waiting:
        before = server.memory_info().rss
        for _ in range(100):
            connection = waiting.enter_context(begin(host, "POST", "runs/create", 900_000))
            connection.settimeout(0.05)
            with suppress(TimeoutError):
                connection.sendall(b" " * 900_000)
        time.sleep(0.5)
        assert server.memory_info().rss - before < 50 * 2**20


@pytest.mark.parametrize("size", [900_000, 200_000, 10])
def test_files_in_line_take_no_memory(host: JupyterHost, size: int) -> None:
    door = MlflowDoor(host)
    run_id, data = door.new_run(), b"x" * size
    server = psutil.Process(host.process.pid)
    with ThreadPoolExecutor(100) as pool:
        with all_places_taken(host):
            before = server.memory_info().rss
            sent = [
                pool.submit(door.file, "PUT", run_id, f"{number}.bin", data)
                for number in range(100)
            ]
            until(lambda: len(waiting_files(host)) == len(sent), "all files to wait on the disk")
            assert server.memory_info().rss - before < 50 * 2**20
            assert not any(each.done() for each in sent)
        assert [each.result().status for each in sent] == [200] * len(sent)
    assert waiting_files(host) == []
    assert len(door.listed(run_id)) == len(sent)


def waiting_files(host: JupyterHost) -> list[Path]:
    return list((host.home / "tmp").glob("blob-*"))
