"""A file comes in in pieces: flat memory, and one that does not arrive whole leaves nothing."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.server.workroom import IN_FLIGHT_PER_USER
from tests.contract.route_samples import ABSENT_RUN
from tests.identities import OWNER
from tests.jupyter_host import JupyterHost
from tests.mlflow_door import ADDRESS, MlflowDoor, check_refusal, file_address
from tests.store_snapshot import snapshot

MIB = 2**20
SIZE = 300 * MIB
PIECE = os.urandom(MIB)
SECONDS = 20


@pytest.fixture(scope="module")
def door(host: JupyterHost) -> MlflowDoor:
    return MlflowDoor(host)


@pytest.fixture
def run_id(door: MlflowDoor) -> str:
    return door.new_run()


def pieces(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield number.to_bytes(4, "big") + PIECE[4:]


def begin(host: JupyterHost, run_id: str, path: str, *headers: str) -> socket.socket:
    """Send the head of an upload and nothing of its body."""
    lines = [
        f"PUT {ADDRESS}{file_address(run_id, path)} HTTP/1.1",
        f"Host: {host.netloc}",
        f"Authorization: Bearer {OWNER}",
        *headers,
        "",
        "",
    ]
    connection = socket.create_connection(("127.0.0.1", host.port), timeout=SECONDS)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def answer_of(connection: socket.socket) -> int:
    """Return the status of the answer, or 0 for a connection that was closed without one."""
    with connection:
        first = connection.makefile("rb").readline()
        return int(first.split()[1]) if first else 0


def half_written(host: JupyterHost) -> list[Path]:
    """Return the files of uploads that are not kept."""
    return list((host.home / "tmp").glob("blob-*"))


def until_nothing_is_left(host: JupyterHost) -> None:
    """Wait a moment for what was half-written to go; the server has no descriptor of it either."""
    deadline = time.monotonic() + SECONDS
    server = psutil.Process(host.process.pid)
    while half_written(host) or any("/tmp/blob-" in each.path for each in server.open_files()):  # noqa: S108
        assert time.monotonic() < deadline, half_written(host)
        time.sleep(0.05)


def until_something_is_there(host: JupyterHost) -> None:
    """Wait until an upload has reached the disk."""
    deadline = time.monotonic() + SECONDS
    while not any(path.stat().st_size for path in half_written(host)):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def assert_no_fault_since(host: JupyterHost, logged: int) -> None:
    """Check that nothing went wrong inside since the log was ``logged`` characters long."""
    for told in ("failed with", "Uncaught", "Traceback"):
        assert told not in host.log[logged:]


def test_three_hundred_megabytes_come_and_go_through_little_memory(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    server = psutil.Process(host.process.pid)
    before, most, sent, came = server.memory_info().rss, 0, hashlib.sha256(), hashlib.sha256()
    connection = http.client.HTTPConnection(host.netloc, timeout=60)
    connection.putrequest("PUT", f"{ADDRESS}{file_address(run_id, 'big.bin')}")
    connection.putheader("Authorization", f"Bearer {OWNER}")
    connection.putheader("Content-Length", str(SIZE))
    connection.endheaders()
    for piece in pieces(SIZE // MIB):
        sent.update(piece)
        connection.send(piece)
        most = max(most, server.memory_info().rss)
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"{}")
    most = max(most, server.memory_info().rss)
    headers = {"Authorization": f"Bearer {OWNER}"}
    connection.request("GET", f"{ADDRESS}{file_address(run_id, 'big.bin')}", headers=headers)
    response = connection.getresponse()
    while piece := response.read(MIB):
        came.update(piece)
        most = max(most, server.memory_info().rss)
    connection.close()
    assert response.headers["ETag"] == f'"sha256:{sent.hexdigest()}"'
    assert came.digest() == sent.digest()
    assert door.listed(run_id) == [{"path": "big.bin", "is_dir": False, "file_size": SIZE}]
    assert most - before < 50 * MIB
    assert half_written(host) == []


@pytest.mark.parametrize("how", ["closed", "reset", "half"])
def test_a_connection_cut_in_the_middle_leaves_nothing(
    host: JupyterHost, door: MlflowDoor, run_id: str, how: str
) -> None:
    host.settle()
    logged, before = len(host.log), snapshot(host.home, host.root)
    connection = begin(host, run_id, "cut.bin", f"Content-Length: {50 * MIB}")
    for piece in pieces(5):
        connection.sendall(piece)
    until_something_is_there(host)
    if how == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    if how == "half":
        connection.shutdown(socket.SHUT_WR)
    connection.close()
    until_nothing_is_left(host)
    assert snapshot(host.home, host.root) == before
    assert door.listed(run_id) == []
    assert_no_fault_since(host, logged)


def test_who_leaves_before_the_answer_leaves_all_or_nothing(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    logged = len(host.log)
    for number in range(30):
        name, data = f"left{number}.bin", PIECE * 3
        connection = begin(host, run_id, name, f"Content-Length: {len(data)}")
        connection.sendall(data)
        time.sleep(number * 0.001)
        connection.close()
    until_nothing_is_left(host)
    for listed in door.listed(run_id):
        assert door.file("GET", run_id, listed["path"]).body == PIECE * 3
    assert_no_fault_since(host, logged)


def test_a_length_that_is_longer_than_the_file_keeps_nothing(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    connection = begin(host, run_id, "long.bin", "Content-Length: 100")
    connection.sendall(b"x" * 50)
    time.sleep(0.2)
    assert door.listed(run_id) == []
    connection.shutdown(socket.SHUT_WR)
    assert answer_of(connection) == 0
    until_nothing_is_left(host)
    assert door.listed(run_id) == []


def test_a_length_that_is_shorter_than_the_file_ends_it_there(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    connection = begin(host, run_id, "short.bin", "Content-Length: 5")
    connection.sendall(b"12345GET / HTTP/1.1 and what is no request\r\n\r\n")
    assert answer_of(connection) == 200
    assert door.file("GET", run_id, "short.bin").body == b"12345"


@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: -1",),
        ("Content-Length: +5",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5 5",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked, chunked",),
        (f"Content-Length: {2**40}",),
        (f"Content-Length: {'9' * 4_000}",),
    ],
    ids=lambda headers: " ".join(headers)[:40],
)
def test_a_length_that_says_nothing_or_two_things_is_refused(
    host: JupyterHost, door: MlflowDoor, run_id: str, headers: tuple[str, ...]
) -> None:
    connection = begin(host, run_id, "odd.bin", *headers)
    with suppress(OSError):
        connection.sendall(b"5\r\n12345\r\n0\r\n\r\n")
    assert 400 <= answer_of(connection) < 500
    until_nothing_is_left(host)
    assert door.listed(run_id) == []


def test_a_file_in_chunks_of_unknown_number_is_stored(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    connection = http.client.HTTPConnection(host.netloc, timeout=60)
    address = f"{ADDRESS}{file_address(run_id, 'chunked.bin')}"
    headers = {"Authorization": f"Bearer {OWNER}"}
    connection.request("PUT", address, pieces(5), headers, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert door.file("GET", run_id, "chunked.bin").body == b"".join(pieces(5))


def test_chunks_that_break_off_or_are_none_keep_nothing(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    for sent in (b"5\r\n12345\r\n", b"5\r\n123", b"zz\r\n12345\r\n0\r\n\r\n", b"-5\r\n12345\r\n"):
        connection = begin(host, run_id, "broken.bin", "Transfer-Encoding: chunked")
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        assert answer_of(connection) in (0, 400)
    until_nothing_is_left(host)
    assert door.listed(run_id) == []


def test_an_empty_file_is_a_file(door: MlflowDoor, run_id: str) -> None:
    assert door.file("PUT", run_id, "empty", b"").status == 200
    assert door.listed(run_id) == [{"path": "empty", "is_dir": False, "file_size": 0}]
    assert door.file("GET", run_id, "empty").body == b""


def test_two_uploads_to_one_path_leave_one_of_them_whole(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    contents = [bytes([number]) * (3 * MIB) for number in range(8)]
    with ThreadPoolExecutor(len(contents)) as threads:
        answers = list(
            threads.map(lambda data: door.file("PUT", run_id, "same.bin", data), contents)
        )
    assert [answer.status for answer in answers] == [200] * len(contents)
    (listed,) = door.listed(run_id)
    assert listed["file_size"] == 3 * MIB
    assert door.file("GET", run_id, "same.bin").body in contents
    until_nothing_is_left(host)


def test_uploads_that_are_slow_hold_up_nobody(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    slow = [
        begin(host, run_id, f"slow{number}.bin", f"Content-Length: {MIB + 10}")
        for number in range(4 * IN_FLIGHT_PER_USER)
    ]
    for connection in slow:
        connection.sendall(PIECE)
    started = time.monotonic()
    assert door.file("PUT", run_id, "quick.bin", PIECE).status == 200
    assert door.get("runs/get", run_id=run_id).status == 200
    assert host.request("GET", "status").status == 200
    assert time.monotonic() - started < 5
    for connection in slow:
        connection.sendall(b"0123456789")
    assert [answer_of(connection) for connection in slow] == [200] * len(slow)
    assert len(door.listed(run_id)) == len(slow) + 1


def test_a_refused_upload_is_told_and_leaves_nothing(
    host: JupyterHost, door: MlflowDoor, run_id: str
) -> None:
    data = PIECE * 20
    check_refusal(door.file("PUT", ABSENT_RUN, "a.bin", data), 404)
    check_refusal(door.file("PUT", run_id, "../a.bin", data), 400)
    check_refusal(
        host.request("PUT", "api/2.0/mlflow-artifacts/nowhere", data, address=ADDRESS), 404
    )
    until_nothing_is_left(host)
    assert door.file("PUT", run_id, "a.bin", b"a").status == 200


def test_the_server_ends_while_uploads_are_under_way(tmp_path: Path) -> None:
    host = JupyterHost(tmp_path).wait()
    run_id = MlflowDoor(host).new_run()
    connections = [
        begin(host, run_id, f"{number}.bin", f"Content-Length: {SIZE}") for number in range(4)
    ]
    stop = threading.Event()

    def send(connection: socket.socket) -> None:
        with suppress(OSError):
            while not stop.is_set():
                connection.sendall(PIECE)

    with ThreadPoolExecutor(len(connections)) as threads:
        list_of_sent = [threads.submit(send, connection) for connection in connections]
        until_something_is_there(host)
        code = host.stop()
        stop.set()
        for connection in connections:
            connection.close()
        for each in list_of_sent:
            each.result()
    assert code == 0
    with JupyterHost(tmp_path).wait() as again:
        assert MlflowDoor(again).listed(run_id) == []
