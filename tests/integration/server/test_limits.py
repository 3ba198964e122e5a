"""Too much of anything is refused at once and costs no memory (security row S8)."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from jupyter_mlops.api import PREFIX
from jupyter_mlops.api.routing import BODY_MAX_BYTES
from jupyter_mlops.server.pace import BURST_SECONDS
from tests.identities import OWNER, VIEWER
from tests.jupyter_host import BASE_URL, JupyterHost


def send_raw(host: JupyterHost, headers: list[str], body: bytes = b"") -> bytes:
    """Send a POST to ``runs`` byte by byte as given, and return the answer's first line."""
    lines = [
        f"POST {BASE_URL}{PREFIX}/runs HTTP/1.1",
        f"Host: {host.netloc}",
        f"Authorization: token {OWNER}",
        "Content-Type: application/json",
        *headers,
        "",
        "",
    ]
    with socket.create_connection(("127.0.0.1", host.port), timeout=30) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)
        return connection.makefile("rb").readline().strip()


@pytest.mark.parametrize("length", [BODY_MAX_BYTES + 1, 300_000_000, int("9" * 4_000)])
def test_a_body_declared_too_large_is_refused_before_it_is_sent(
    host: JupyterHost, length: int
) -> None:
    assert send_raw(host, [f"Content-Length: {length}"]) == b"HTTP/1.1 413 Request Entity Too Large"


def test_a_body_larger_than_any_server_takes_is_refused(host: JupyterHost) -> None:
    assert send_raw(host, ["Content-Length: 600000000"]).startswith((b"HTTP/1.1 4", b""))


def test_a_body_of_undeclared_size_is_cut_off(host: JupyterHost) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    body = chunk * (BODY_MAX_BYTES // 0x10000 + 4) + b"0\r\n\r\n"
    assert b" 413 " in send_raw(host, ["Transfer-Encoding: chunked"], body)


def test_a_body_at_the_limit_is_read(host: JupyterHost) -> None:
    body = b'{"notebook": "absent.ipynb"}'.ljust(BODY_MAX_BYTES)
    answer = host.request("POST", "runs", body, headers={"Content-Type": "application/json"})
    assert answer.status in (400, 404)
    assert answer.json()["code"] != "too_large"


def test_a_flood_of_large_bodies_costs_no_memory(host: JupyterHost) -> None:
    server = psutil.Process(host.process.pid)
    before = server.memory_info().rss
    for _ in range(50):
        send_raw(host, [f"Content-Length: {BODY_MAX_BYTES + 1}"], b"x" * 100_000)
    assert server.memory_info().rss - before < 50 * 2**20


def test_a_body_where_none_belongs_is_refused(host: JupyterHost, run_id: str) -> None:
    answer = host.request("POST", f"runs/{run_id}/restore", {"a": 1})
    assert (answer.status, answer.json()["code"]) == (400, "invalid_request")


def test_a_user_who_asks_without_pause_is_told_to_wait_and_others_are_served(
    tmp_path: Path,
) -> None:
    with JupyterHost(tmp_path, config="c.MLOpsApp.requests_per_second = 10\n").wait() as host:
        answers = [host.request("GET", "status") for _ in range(10 * BURST_SECONDS + 200)]
        refused = [answer for answer in answers if answer.status == 429]
        assert refused[0].json()["code"] == "busy"
        assert refused[0].headers["retry-after"] == "1"
        assert {answer.status for answer in answers} == {200, 429}
        assert host.request("GET", "status", token=VIEWER).status == 200
