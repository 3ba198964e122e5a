"""What a client sends takes no room for ever, and no more than its user may have (row S8)."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.identities import OWNER
from tests.jupyter_host import Answer, JupyterHost
from tests.mlflow_door import ADDRESS, MlflowDoor, check_refusal, file_address

MIB = 2**20
QUOTA = 8 * MIB
IDLE_SECONDS = 1.0
CONFIG = (
    f"c.MLOpsApp.upload_quota = {QUOTA}\n"
    f"c.MLOpsApp.upload_idle_seconds = {IDLE_SECONDS}\n"
    "c.MLOpsApp.requests_per_second = 1000\n"
)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path_factory.mktemp("limited"), config=CONFIG).wait() as running:
        yield running


@pytest.fixture
def door(limited: JupyterHost) -> Iterator[MlflowDoor]:
    """The door of a server that keeps no file of anybody."""
    door = MlflowDoor(limited)
    yield door
    for run in door.post("runs/search", experiment_ids=["0"]).json().get("runs", []):
        door.post("runs/delete", run_id=run["info"]["run_id"])
    assert limited.request("POST", "trash/empty").json()["remaining"] == 0


def begin(door: MlflowDoor, run_id: str, length: int, sent: bytes) -> socket.socket:
    """Send the head of an upload of ``length`` bytes and the first of its body."""
    lines = [
        f"PUT {ADDRESS}{file_address(run_id, 'half.bin')} HTTP/1.1",
        f"Host: {door.host.netloc}",
        f"Authorization: Bearer {OWNER}",
        f"Content-Length: {length}",
        "",
        "",
    ]
    connection = socket.create_connection(("127.0.0.1", door.host.port), timeout=20)
    connection.sendall("\r\n".join(lines).encode() + sent)
    return connection


def answer_of(connection: socket.socket) -> Answer:
    """Return the answer, behind which the connection is closed."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    names = {name.lower(): value for name, value in response.getheaders()}
    answer = Answer(response.status, names, response.read())
    assert connection.recv(1) == b""
    connection.close()
    return answer


def half_written(host: JupyterHost) -> list[Path]:
    return list((host.home / "tmp").glob("blob-*"))


def until_nothing_is_left(host: JupyterHost) -> None:
    deadline = time.monotonic() + 10
    while half_written(host):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("sent", [b"", b"x" * 100, b"x" * (2 * MIB)], ids=len)
def test_an_upload_of_which_nothing_comes_any_more_is_given_up_and_leaves_nothing(
    door: MlflowDoor, sent: bytes
) -> None:
    run_id = door.new_run()
    began = time.monotonic()
    connection = begin(door, run_id, 3 * MIB, sent)
    refusal = check_refusal(answer_of(connection), 408)
    assert IDLE_SECONDS <= time.monotonic() - began < 10 * IDLE_SECONDS
    assert refusal["error_code"] == "TEMPORARILY_UNAVAILABLE"
    assert "1 seconds" in refusal["message"]
    until_nothing_is_left(door.host)
    assert door.listed(run_id) == []
    # What it took of the quota is free again.
    assert door.file("PUT", run_id, "all.bin", b"x" * QUOTA).status == 200


def test_a_client_that_is_slow_but_goes_on_is_waited_for(door: MlflowDoor) -> None:
    run_id = door.new_run()
    with begin(door, run_id, 6, b"0") as connection:
        for number in range(1, 6):
            time.sleep(IDLE_SECONDS / 2)
            connection.sendall(str(number).encode())
        assert connection.recv(15).startswith(b"HTTP/1.1 200")
    assert door.file("GET", run_id, "half.bin").body == b"012345"


def test_a_file_that_has_no_room_in_the_quota_is_refused_before_it_is_sent(
    door: MlflowDoor,
) -> None:
    run_id = door.new_run()
    began = time.monotonic()
    connection = begin(door, run_id, QUOTA + 1, b"")
    response = http.client.HTTPResponse(connection)
    response.begin()
    refusal = json.loads(response.read())
    assert (response.status, refusal["error_code"]) == (400, "QUOTA_EXCEEDED")
    assert f"{QUOTA:,} bytes" in refusal["message"]
    assert "empty the trash" in refusal["message"]
    assert time.monotonic() - began < IDLE_SECONDS
    connection.close()


def test_a_file_of_unknown_length_is_refused_when_the_quota_is_used_up(door: MlflowDoor) -> None:
    run_id = door.new_run()
    assert door.file("PUT", run_id, "first.bin", b"x" * (5 * MIB)).status == 200
    connection = http.client.HTTPConnection(door.host.netloc, timeout=60)
    headers = {"Authorization": f"Bearer {OWNER}"}
    pieces = (b"y" * MIB for _ in range(5))
    connection.request(
        "PUT", f"{ADDRESS}{file_address(run_id, 'b.bin')}", pieces, headers, encode_chunked=True
    )
    answer = connection.getresponse()
    assert answer.status == 400
    assert json.loads(answer.read())["error_code"] == "QUOTA_EXCEEDED"
    connection.close()
    until_nothing_is_left(door.host)
    assert [each["path"] for each in door.listed(run_id)] == ["first.bin"]
    # What is small enough is taken still.
    assert door.file("PUT", run_id, "small.bin", b"z" * (3 * MIB)).status == 200
    check_refusal(door.file("PUT", run_id, "more.bin", b"z"), 400)


def test_uploads_under_way_count(door: MlflowDoor) -> None:
    run_id = door.new_run()
    connection = begin(door, run_id, 7 * MIB, b"x" * (6 * MIB))
    deadline = time.monotonic() + 10
    # What is not written yet does not count yet.
    while not any(path.stat().st_size >= 5 * MIB for path in half_written(door.host)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    refusal = check_refusal(door.file("PUT", run_id, "more.bin", b"z" * (4 * MIB)), 400)
    assert refusal["error_code"] == "QUOTA_EXCEEDED"
    with suppress(OSError):
        connection.close()
    until_nothing_is_left(door.host)


def test_what_is_deleted_for_good_makes_room_at_once(door: MlflowDoor) -> None:
    run_id, other = door.new_run(), door.new_run()
    assert door.file("PUT", run_id, "all.bin", b"x" * QUOTA).status == 200
    check_refusal(door.file("PUT", other, "more.bin", b"z"), 400)
    assert door.post("runs/delete", run_id=run_id).status == 200
    # It takes room in the trash as well.
    check_refusal(door.file("PUT", other, "more.bin", b"z"), 400)
    assert door.host.request("POST", f"runs/{run_id}/purge").json()["bytes_freed"] == QUOTA
    assert door.file("PUT", other, "more.bin", b"z").status == 200


def test_files_of_logged_models_count(door: MlflowDoor) -> None:
    run_id = door.new_run()
    made = door.post("logged-models", experiment_id="0", name="model", source_run_id=run_id)
    model = made.json()["model"]["info"]["model_id"]
    address = f"api/2.0/mlflow-artifacts/artifacts/0/models/{model}/artifacts/model.bin"
    assert door.send("PUT", address, b"x" * (6 * MIB)).status == 200
    check_refusal(door.file("PUT", run_id, "more.bin", b"z" * (3 * MIB)), 400)
