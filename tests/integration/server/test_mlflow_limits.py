"""Too much of anything is refused at once on the MLflow door too (security rows S7, S8)."""

from __future__ import annotations

import http.client
import json
import socket
import time
from typing import Any

import psutil
import pytest

from jupyter_mlops.api.mlflow.messages import FIELDS_MAX
from jupyter_mlops.api.mlflow.metrics import PAGE_MAX
from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.store.run_limits import MAXIMUM
from tests.contract.route_samples import name_of, sample
from tests.contract.test_bodies import deep
from tests.identities import OWNER
from tests.jupyter_host import Answer, JupyterHost
from tests.mlflow_door import ADDRESS, TRACKING, MlflowDoor, check_refusal
from tests.store_snapshot import snapshot

# Those that take a message in a body.
TAKING = [route for route in ROUTES if route.method != "GET" and not route.upload]
POSTING = [route for route in TAKING if route.method != "DELETE"]
# The fastest of a few: what else the machine does is no cost of the refusal.
TRIES = 5
SECONDS = 0.1


@pytest.fixture(scope="module")
def door(host: JupyterHost) -> MlflowDoor:
    return MlflowDoor(host)


@pytest.fixture(scope="module")
def open_run(door: MlflowDoor) -> str:
    return door.new_run()


def begin(host: JupyterHost, route: Route, *headers: str) -> socket.socket:
    """Send the head of a request and nothing of its body."""
    lines = [
        f"{route.method} {ADDRESS}{sample(route).path} HTTP/1.1",
        f"Host: {host.netloc}",
        f"Authorization: Bearer {OWNER}",
        "Content-Type: application/json",
        *headers,
        "",
        "",
    ]
    connection = socket.create_connection(("127.0.0.1", host.port), timeout=30)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def status_of(connection: socket.socket) -> int:
    """Return the status of the answer, and check that it is one in MLflow's shape."""
    with connection:
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert set(json.loads(response.read())) == {"error_code", "message"}
        return response.status


@pytest.mark.parametrize("route", TAKING, ids=name_of)
def test_a_message_declared_too_large_is_refused_before_it_is_sent(
    host: JupyterHost, route: Route
) -> None:
    for length in (route.body_max_bytes + 1, 600_000_000, int("9" * 4_000)):
        started = time.monotonic()
        assert status_of(begin(host, route, f"Content-Length: {length}")) == 400
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("route", TAKING, ids=name_of)
def test_a_message_of_undeclared_size_is_cut_off(host: JupyterHost, route: Route) -> None:
    connection = begin(host, route, "Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    connection.sendall(chunk * (route.body_max_bytes // 0x10000 + 4) + b"0\r\n\r\n")
    assert status_of(connection) == 400


def test_a_client_that_sent_too_much_is_told_so_and_served_again(
    door: MlflowDoor, open_run: str
) -> None:
    for size in (2 << 20, 30 << 20):
        text = "x" * size
        answer = door.post("runs/set-tag", run_id=open_run, key="k", value=text)
        assert check_refusal(answer, 400)["error_code"] == "INVALID_PARAMETER_VALUE"
        assert door.post("runs/set-tag", run_id=open_run, key="k", value="v").status == 200


def test_a_run_takes_so_many_metrics_and_later_values_of_those(door: MlflowDoor) -> None:
    run_id, most = door.new_run(), MAXIMUM["metrics"]

    def logged(keys: range, step: int) -> Answer:
        points = [{"key": f"m{each}", "value": 1.0, "timestamp": 1, "step": step} for each in keys]
        return door.post("runs/log-batch", run_id=run_id, metrics=points)

    for first in range(0, most, 1_000):
        assert logged(range(first, first + 1_000), 0).status == 200
    refusal = check_refusal(logged(range(most - 1, most + 1), 1), 400)
    assert refusal["message"] == f"A run carries at most {most} metrics."
    assert logged(range(most - 1, most), 2).status == 200
    answer = door.get("metrics/get-history", run_id=run_id, metric_key=f"m{most - 1}")
    steps = [point["step"] for point in answer.json()["metrics"]]
    # Of what was refused nothing is there, not even what had room.
    assert steps == [0, 2]


def test_the_connection_of_a_refused_message_serves_on(host: JupyterHost, open_run: str) -> None:
    headers = {"Authorization": f"Bearer {OWNER}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(host.netloc, timeout=60)
    connection.connect()
    places = {connection.sock.getsockname()}
    for path, value, status in (
        ("runs/set-tag", "x" * (3 << 20), 400),
        ("runs/nowhere", "x" * (3 << 20), 404),
        ("runs/set-tag", "v", 200),
    ):
        body = json.dumps({"run_id": open_run, "key": "k", "value": value})
        connection.request("POST", f"{ADDRESS}{TRACKING}{path}", body, headers)
        response = connection.getresponse()
        response.read()
        assert response.status == status
        places.add(connection.sock.getsockname())
    assert len(places) == 1
    connection.close()


def test_a_flood_of_large_messages_costs_no_memory(host: JupyterHost) -> None:
    server = psutil.Process(host.process.pid)
    (route,) = (route for route in ROUTES if route.operation_id == "mlflow.runs/log-batch")
    before = server.memory_info().rss
    for _ in range(50):
        connection = begin(host, route, f"Content-Length: {route.body_max_bytes + 1}")
        connection.sendall(b"x" * 100_000)
        assert status_of(connection) == 400
    assert server.memory_info().rss - before < 50 * 2**20


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_a_message_of_another_type_is_refused_and_has_no_effect(
    host: JupyterHost, content_type: str
) -> None:
    host.settle()
    before = snapshot(host.home)
    for route in POSTING:
        answer = sample(route).send(host, route.method, headers={"Content-Type": content_type})
        check_refusal(answer, 400)
    assert snapshot(host.home) == before


@pytest.mark.parametrize("route", POSTING, ids=name_of)
@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{",
        b'{"a": 9223372036854775808}',
        b'{"a": "\xff"}',
        b'{"a": "\\u0000"}',
        '{"a": 1}'.encode("utf-16"),
        deep(33),
        deep(100_000),
    ],
    ids=["list", "cut", "int64", "bytes", "NUL", "UTF-16", "deep", "deepest"],
)
def test_what_is_no_plain_object_is_refused_by_every_operation(
    host: JupyterHost, route: Route, data: bytes
) -> None:
    answer = host.request(
        route.method,
        sample(route).path,
        data,
        headers={"Content-Type": "application/json"},
        address=ADDRESS,
    )
    check_refusal(answer, 400)


def metrics(count: int) -> list[dict[str, Any]]:
    return [{"key": "m", "value": 1, "timestamp": 1, "step": step} for step in range(count)]


def pairs(count: int, value: str = "v") -> list[dict[str, str]]:
    return [{"key": f"k{number}", "value": value} for number in range(count)]


Call = tuple[str, dict[str, Any]]
LIMITS: dict[str, tuple[Call, Call]] = {
    "values of a batch": tuple(
        ("runs/log-batch", {"metrics": metrics(count)}) for count in (1_000, 1_001)
    ),
    "parameters of a batch": tuple(
        ("runs/log-batch", {"params": pairs(count)}) for count in (100, 101)
    ),
    "tags of a batch": tuple(("runs/log-batch", {"tags": pairs(count)}) for count in (100, 101)),
    "all of a batch": tuple(
        ("runs/log-batch", {"metrics": metrics(count), "params": pairs(50), "tags": pairs(50)})
        for count in (900, 901)
    ),
    "the key of a value": tuple(
        ("runs/log-metric", {"key": "k" * size, "value": 1, "timestamp": 1}) for size in (250, 251)
    ),
    "the key of a parameter": tuple(
        ("runs/log-parameter", {"key": "k" * size, "value": "v"}) for size in (250, 251)
    ),
    "the key of a tag": tuple(
        ("runs/set-tag", {"key": "k" * size, "value": "v"}) for size in (250, 251)
    ),
    "the name of a run": tuple(
        ("runs/update", {"run_name": "n" * size}) for size in (250, 251)
    ),
    "a page of runs": tuple(("runs/search", {"max_results": size}) for size in (50_000, 50_001)),
    "experiments to search": tuple(
        ("runs/search", {"experiment_ids": list(map(str, range(count)))}) for count in (1_000, 1_001)
    ),
    "a page of experiments": tuple(
        ("experiments/search", {"max_results": size}) for size in (50_000, 50_001)
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LIMITS)
def test_a_message_takes_its_limit_and_not_one_more(door: MlflowDoor, what: str) -> None:
    (path, at_the_limit), (_, over) = LIMITS[what]
    run = {} if "search" in path else {"run_id": door.new_run()}
    assert door.post(path, **run, **at_the_limit).status == 200
    took = []
    for _ in range(TRIES):
        started = time.monotonic()
        check_refusal(door.post(path, **run, **over), 400)
        took.append(time.monotonic() - started)
        if took[-1] < SECONDS:
            break
    assert min(took) < SECONDS


def test_a_page_of_a_history_takes_its_limit_and_not_one_more(
    door: MlflowDoor, open_run: str
) -> None:
    asked = {"run_id": open_run, "metric_key": "m"}
    assert door.get("metrics/get-history", **asked, max_results=PAGE_MAX).status == 200
    check_refusal(door.get("metrics/get-history", **asked, max_results=PAGE_MAX + 1), 400)


def test_a_refused_batch_leaves_nothing_behind(door: MlflowDoor) -> None:
    run_id = door.new_run()
    before = door.get("runs/get", run_id=run_id).json()
    for wrong in (
        {"metrics": [{"key": "m", "value": 1}]},
        {"metrics": [{"key": "../m", "value": 1, "timestamp": 1}]},
        {"params": [{"key": "p", "value": "1"}, {"key": "p", "value": "2"}]},
        {"tags": [{"key": "a\tb", "value": "1"}]},
    ):
        fields = {"metrics": metrics(1), "params": pairs(1), "tags": pairs(1)}
        for name, items in wrong.items():
            fields[name] = [*fields[name], *items]
        check_refusal(door.post("runs/log-batch", run_id=run_id, **fields), 400)
    assert door.get("runs/get", run_id=run_id).json() == before


def test_a_long_text_is_cut_as_by_mlflow(door: MlflowDoor, open_run: str) -> None:
    door.post("runs/log-parameter", run_id=open_run, key="long", value="p" * 7_000)
    door.post("runs/set-tag", run_id=open_run, key="long", value="t" * 9_000)
    data = door.get("runs/get", run_id=open_run).json()["run"]["data"]
    (parameter,) = (each["value"] for each in data["params"] if each["key"] == "long")
    (tag,) = (each["value"] for each in data["tags"] if each["key"] == "long")
    assert (len(parameter), len(tag)) == (6_000, 8_000)


def test_a_query_of_too_many_fields_is_refused(host: JupyterHost) -> None:
    query = "&".join(["run_id=a"] * (FIELDS_MAX + 1))
    # Tornado counts too, and its own refusal is bare.
    answer = host.request("GET", f"{TRACKING}runs/get?{query}", address=ADDRESS)
    assert answer.status == 400
