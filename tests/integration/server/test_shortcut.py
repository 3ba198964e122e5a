"""A client that was let in is answered by a shorter way, which nobody can tell from the usual one."""

from __future__ import annotations

import hashlib
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.server.workroom import TRACKING_PER_USER
from tests.contract.route_samples import name_of, sample
from tests.jupyter_host import Answer, JupyterHost
from tests.kernel_tokens import kernels_of, token_of_kernel
from tests.mlflow_door import ADDRESS, FILES, TRACKING, file_address
from tests.own_host import TOKEN, WATCHED, OwnHost, bearer
from tests.workspace import until

USUAL = {"X-Unknown": "to the shortcut"}
MESSAGES = [route for route in ROUTES if not route.upload]
SEARCH = TRACKING + "experiments/search"
RUN = TRACKING + "runs/create"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnHost]:
    with OwnHost(tmp_path_factory.mktemp("own")) as host:
        yield host


def shape(value: Any) -> Any:
    """Return JSON with the kinds of its values in their place: ids and times differ."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


def told(answer: Answer) -> tuple[int, dict[str, str], Any]:
    """Return what two answers to the same request have in common."""
    assert int(answer.headers["content-length"]) == len(answer.body)
    changing = ("date", "content-length", "x-request-id")
    headers = {name: "" if name in changing else text for name, text in answer.headers.items()}
    is_json = headers["content-type"] == "application/json"
    return answer.status, headers, shape(answer.json()) if is_json else answer.body


@pytest.mark.parametrize("route", MESSAGES, ids=name_of)
def test_the_answer_is_the_same_by_either_way(own: OwnHost, route: Route) -> None:
    asked = sample(route)

    def answered(**headers: str) -> Answer:
        return asked.send(own, route.method, token=None, headers=bearer() | headers)

    first = told(answered(**USUAL))
    # One to be remembered by: each kind of message has headers of its own.
    answered()
    assert told(answered()) == first
    ways = own.ways(f"{ADDRESS}{asked.path}".partition("?")[0])
    assert (ways[-3], ways[-1]) == ("usual way", "shortcut")


OUT_OF_THE_ORDINARY: dict[str, tuple[dict[str, str], int]] = {
    "another token": (bearer("another"), 401),
    "the token in another case": (bearer(TOKEN.upper()), 401),
    "an empty token": (bearer(""), 401),
    "the token twice": (bearer(f"{TOKEN}, Bearer {TOKEN}"), 401),
    "another host": ({"Host": "evil.example"}, 403),
    "a page elsewhere": ({"Origin": "https://evil.example"}, 403),
    "a browser's word for it": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "another type of message": ({"Content-Type": "text/plain"}, 400),
}


@pytest.mark.parametrize("what", OUT_OF_THE_ORDINARY)
def test_what_differs_from_what_was_let_in_is_looked_at_anew(own: OwnHost, what: str) -> None:
    headers, status = OUT_OF_THE_ORDINARY[what]
    for _ in range(2):
        assert own.post(SEARCH, max_results=1).status == 200
    for _ in range(2):
        data, sent = b'{"max_results": 1}', {"Content-Type": "application/json"} | bearer()
        answer = own.request(
            "POST", SEARCH, data, token=None, headers=sent | headers, address=ADDRESS
        )
        assert answer.status == status
    assert own.ways(ADDRESS + SEARCH)[-3:] == ["shortcut", "usual way", "usual way"]


def asked_raw(own: OwnHost, method: str, length: str, body: bytes, more: str) -> bytes:
    """Return the beginning of the answer to a request with such a length in its head."""
    path = SEARCH if method == "POST" else "version"
    with socket.create_connection(("127.0.0.1", own.port), timeout=60) as connection:
        connection.sendall(
            f"{method} {ADDRESS}{path} HTTP/1.1\r\nHost: {own.netloc}\r\n"
            f"Accept-Encoding: identity\r\nContent-Length: {length}\r\n"
            f"Authorization: Bearer {TOKEN}\r\n"
            f"Content-Type: application/json\r\n{more}\r\n".encode()
        )
        with suppress(OSError):
            connection.sendall(body)
        with suppress(ConnectionResetError):
            return connection.recv(12)
    return b""


@pytest.mark.parametrize("more", ["", "X-Unknown: yes\r\n"], ids=["known", "usual way"])
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("spelling", ["{}", "0000000000000000{}", "{0},{0}"])
def test_a_message_that_is_too_large_is_refused_however_its_length_is_written(
    own: OwnHost, method: str, spelling: str, more: str
) -> None:
    for _ in range(2):
        own.post(SEARCH, max_results=1)
        own.ask("GET", "version", b"{}")
    server = psutil.Process(own.process.pid)
    size, before = 40 << 20, server.memory_info().rss
    started = time.monotonic()
    answer = asked_raw(own, method, spelling.format(size), b"x" * size, more)
    # Some hear nothing, because the server hangs up while they send.
    assert answer in (b"HTTP/1.1 400", b"")
    assert time.monotonic() - started < 5
    assert server.memory_info().rss - before < 20 << 20


def test_a_token_in_the_address_is_refused_with_one_that_is_good(own: OwnHost) -> None:
    for _ in range(2):
        assert own.ask("GET", f"{TRACKING}runs/search?x=1").status == 405
        for name in ("token", "%74oken"):
            assert own.ask("GET", f"version?{name}={TOKEN}").status == 400


def test_what_changes_something_is_activity_and_what_reads_is_none(own: OwnHost) -> None:
    for _ in range(2):
        assert own.ask("GET", "version").status == 200
    before = own.last_activity()
    assert own.ask("GET", "version").status == 200
    assert own.last_activity() == before
    time.sleep(0.01)
    assert own.post(f"{SEARCH}?no_track_activity=1", max_results=1).status == 200
    assert own.last_activity() == before
    assert own.post(SEARCH, max_results=1).status == 200
    assert own.ways(ADDRESS + SEARCH)[-2:] == ["shortcut"] * 2
    assert own.last_activity() > before


def new_run(own: OwnHost) -> str:
    answer = own.post(RUN, experiment_id="0", start_time=1)
    return str(answer.json()["run"]["info"]["run_id"])


@pytest.mark.parametrize("size", [0, 10, 70_000, 3_000_000])
def test_a_file_is_the_same_by_either_way(own: OwnHost, size: int) -> None:
    address = file_address(new_run(own), "it.bin")
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    stored = own.request("PUT", address, content, token=None, headers=bearer(), address=ADDRESS)
    assert stored.status == 200
    usual = own.ask("GET", address, **USUAL)
    own.ask("GET", address)
    short = own.ask("GET", address)
    assert own.ways(ADDRESS + address)[-1] == "shortcut"
    assert short.body == usual.body == content
    assert told(short)[:2] == told(usual)[:2]
    assert short.headers["content-length"] == str(size)


def test_a_part_of_a_file_goes_the_usual_way(own: OwnHost) -> None:
    address = file_address(new_run(own), "it.bin")
    own.request("PUT", address, b"0123456789", token=None, headers=bearer(), address=ADDRESS)
    for _ in range(2):
        assert own.ask("GET", address).status == 200
        part = own.ask("GET", address, Range="bytes=2-4")
        assert (part.status, part.body) == (206, b"234")


def test_a_file_that_is_damaged_is_told_of_by_either_way(own: OwnHost) -> None:
    address = file_address(new_run(own), "it.bin")
    content = b"it was whole" * 100_000
    own.request("PUT", address, content, token=None, headers=bearer(), address=ADDRESS)
    assert own.ask("GET", address).body == content
    hexdigest = hashlib.sha256(content).hexdigest()
    stored = own.home / "artifacts" / "sha256" / hexdigest[:2] / hexdigest[2:]
    stored.chmod(0o600)
    stored.write_bytes(content[:-1] + b"!")
    usual = told(own.ask("GET", address, **USUAL))
    assert told(own.ask("GET", address)) == usual
    assert own.ways(ADDRESS + address)[-1] == "shortcut"
    assert usual[0] >= 500


def test_clients_that_go_while_a_file_is_sent_leave_nothing_open(own: OwnHost) -> None:
    address = file_address(new_run(own), "large.bin")
    content = b"0123456789abcdef" * (1 << 20)
    own.request("PUT", address, content, token=None, headers=bearer(), address=ADDRESS)
    for _ in range(2):
        assert own.ask("GET", address).body == content
    server = psutil.Process(own.process.pid)
    before = server.num_fds()
    for _ in range(20):
        connection = own.connect()
        connection.request("GET", ADDRESS + address, headers=bearer())
        connection.getresponse().read(10)
        connection.close()
    until(lambda: server.num_fds() <= before, "the server to let go")
    assert own.ways(ADDRESS + address)[-1] == "shortcut"
    assert own.ask("GET", address).body == content
    assert "Traceback" not in own.log


def test_a_file_that_is_not_there_is_told_of(own: OwnHost) -> None:
    address = file_address(new_run(own), "absent.bin")
    usual = told(own.ask("GET", address, **USUAL))
    own.ask("GET", address)
    assert told(own.ask("GET", address)) == usual
    assert usual[0] == 404
    assert own.ways(ADDRESS + address)[-1] == "shortcut"


def begun(own: OwnHost) -> socket.socket:
    """Send a message of a client that is known up to its last byte."""
    head = (
        f"POST {ADDRESS}{SEARCH} HTTP/1.1\r\nHost: {own.netloc}\r\nAccept-Encoding: identity\r\n"
        f"Content-Length: 2\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: application/json\r\n\r\n"
    )
    connection = socket.create_connection(("127.0.0.1", own.port), timeout=30)
    connection.sendall(head.encode() + b"{")
    return connection


@contextmanager
def at_once(own: OwnHost, count: int) -> Iterator[tuple[list[str], list[socket.socket]]]:
    """Give the ways that messages go which all wait for their last byte, and their connections."""
    for _ in range(2):
        own.post(SEARCH, max_results=1)
    before = len(own.ways(ADDRESS + SEARCH))
    with ExitStack() as stack:
        connections = [stack.enter_context(begun(own)) for _ in range(count)]
        until(lambda: len(own.ways(ADDRESS + SEARCH)) == before + count, "all to be heard")
        yield own.ways(ADDRESS + SEARCH)[before:], connections


def all_fit(own: OwnHost) -> bool:
    """Tell whether all places are free, and leave in the middle of it."""
    with at_once(own, TRACKING_PER_USER) as (ways, _):
        return set(ways) == {"shortcut"}


def test_clients_that_go_in_the_middle_of_a_message_leave_room_for_others(own: OwnHost) -> None:
    for _ in range(3):
        until(lambda: all_fit(own), "all places")


def test_who_finds_no_place_waits_for_one_the_usual_way(own: OwnHost) -> None:
    until(lambda: all_fit(own), "all places")
    until(lambda: every_one_is_answered(own), "all places, after those who went")


def every_one_is_answered(own: OwnHost) -> bool:
    """Check that more than have a place are all answered; tell whether just those had to wait."""
    with at_once(own, TRACKING_PER_USER + 2) as (ways, connections):
        for connection in connections:
            connection.sendall(b"}")
        for connection in connections:
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 200 OK")
        return sorted(ways) == ["shortcut"] * TRACKING_PER_USER + ["usual way"] * 2


def test_an_unexpected_failure_tells_nothing_of_the_inside(tmp_path: Path) -> None:
    with OwnHost(tmp_path) as own:
        for _ in range(2):
            own.post(SEARCH, max_results=1)
        with sqlite3.connect(own.home / "store.db", timeout=30) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("DROP TABLE experiments")
        connection.close()
        answer = own.post(SEARCH, max_results=1, filter="name = 'c4narY7'")
        assert own.ways(ADDRESS + SEARCH)[-1] == "shortcut"
        assert answer.status == 500
        assert set(answer.json()) == {"error_code", "message"}
        for inside in ("c4narY7", "SELECT", "Traceback", str(tmp_path)):
            assert inside not in answer.body.decode()
        assert own.stop() == 0
        assert f"Request {answer.headers['x-request-id']} failed with " in own.log
        assert "c4narY7" not in own.log


def test_people_with_roles_are_looked_at_each_time(tmp_path: Path) -> None:
    with JupyterHost(tmp_path, config=WATCHED).wait() as host:
        for _ in range(3):
            answer = host.request(
                "GET", f"{TRACKING}experiments/get?experiment_id=0", address=ADDRESS
            )
            assert answer.status == 200
        assert "shortcut" not in host.log
        assert host.log.count("usual way") >= 3


def test_a_kernel_takes_it_with_a_token_of_its_own_until_it_ends(own: OwnHost) -> None:
    token = token_of_kernel(own.home, "of-this-test", "a.ipynb")
    for _ in range(2):
        assert own.ask("POST", SEARCH, b'{"max_results": 1}', token).status == 200
    assert own.ways(ADDRESS + SEARCH)[-2:] == ["usual way", "shortcut"]
    before = own.last_activity()
    assert own.ask("POST", SEARCH, b'{"max_results": 1}', token).status == 200
    # A loop in a forgotten notebook is nobody who is there.
    assert own.last_activity() == before
    with kernels_of(own.home) as kernels:
        kernels.end_kernel("of-this-test", KernelEnd.SHUT_DOWN)
    short = own.ask("POST", SEARCH, b'{"max_results": 1}', token)
    usual = own.ask("POST", SEARCH, b'{"max_results": 1}', token, **USUAL)
    assert own.ways(ADDRESS + SEARCH)[-2:] == ["shortcut", "usual way"]
    assert told(short) == told(usual)
    assert short.status == 401
    # Once refused it is nobody who is known.
    assert own.ask("POST", SEARCH, b'{"max_results": 1}', token).status == 401
    assert own.ways(ADDRESS + SEARCH)[-1] == "usual way"


def test_two_kernels_in_turn_are_both_known(own: OwnHost) -> None:
    tokens = [token_of_kernel(own.home, f"kernel-{each}", "a.ipynb") for each in range(2)]
    for token in tokens * 3:
        assert own.ask("POST", SEARCH, b'{"max_results": 1}', token).status == 200
    assert own.ways(ADDRESS + SEARCH)[-4:] == ["shortcut"] * 4


def test_a_kernel_may_do_no_more_on_it(own: OwnHost) -> None:
    token = token_of_kernel(own.home, "of-that-test", "a.ipynb")
    for _ in range(2):
        assert own.ask("GET", "version", token=token).status == 200
    for way in ({}, USUAL):
        answer = own.request("GET", "runs", token=None, headers=bearer(token) | way)
        assert answer.status == 403


def test_an_upload_goes_the_usual_way(own: OwnHost) -> None:
    address = f"{FILES}/0/{new_run(own)}/artifacts/it.bin"
    for _ in range(3):
        own.request("PUT", address, b"bytes", token=None, headers=bearer(), address=ADDRESS)
    assert set(own.ways(ADDRESS + address)) == {"usual way"}
