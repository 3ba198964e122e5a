"""One request and its answer over real sockets, with whatever a server may do."""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from jupyter_mlops.client import Client, ClientError, HttpTransport

RUN = {"run_id": "0" * 32, "status": "SCHEDULED"}


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers by path; keeps what it was asked, and drops the first of two posts unanswered."""

    seen: list[tuple[str, str, dict[str, str], bytes]]

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.seen.append((self.command, self.path, dict(self.headers), body))
        if self.command == "POST" and len(self.seen) == 1:
            self.close_connection = True
            return
        path = self.path.partition("?")[0]
        status, content = {
            "/base/mlops/api/runs": (202, json.dumps(RUN)),
            "/base/mlops/api/status": (200, "<html>"),
            "/base/mlops/api/experiments": (302, ""),
        }.get(path, (404, ""))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content.encode())

    do_GET = do_POST = do_DELETE = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return nothing: a client on a Unix socket has no address."""
        return ""


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    pass


def serve(server: socketserver.BaseServer) -> Iterator[socketserver.BaseServer]:
    Answers.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def url() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    for _ in serve(server):
        yield f"http://127.0.0.1:{server.server_port}/base/"


def test_a_submission_that_got_no_answer_is_repeated_under_the_same_key(url: str) -> None:
    run = Client(HttpTransport(url, "secret")).submit("a.ipynb", {"x": 1})
    assert run == RUN
    first, second = Answers.seen
    assert first[:2] == ("POST", "/base/mlops/api/runs")
    assert first[2]["Authorization"] == "token secret"
    assert first[2]["Content-Type"] == "application/json"
    assert first[2]["Idempotency-Key"] == second[2]["Idempotency-Key"]
    assert first[3] == second[3]


def test_an_answer_that_is_not_ours_is_told_as_such(url: str) -> None:
    client = Client(HttpTransport(url, ""))
    for ask in (client.status, client.experiments, lambda: client.run("x")):
        with pytest.raises(ClientError) as refused:
            ask()
        assert refused.value.code == "unreachable"
    assert "Authorization" not in Answers.seen[0][2]


def test_names_are_escaped_in_paths_and_queries(url: str) -> None:
    client = Client(HttpTransport(url, ""))
    with pytest.raises(ClientError):
        client.check_kernel("../a b?")
    with pytest.raises(ClientError):
        client.delete_tag("x/y", "a&b=c")
    # The first post is dropped, and repeated by nobody: a check has no key.
    assert Answers.seen[0][1] == "/base/mlops/api/kernels/..%2Fa%20b%3F/check"
    assert Answers.seen[1][1] == "/base/mlops/api/runs/x%2Fy/tags?key=a%26b%3Dc"


def test_values_that_are_no_json_are_refused_before_they_are_sent(url: str) -> None:
    client = Client(HttpTransport(url, ""))
    for value in (object(), float("nan")):
        with pytest.raises(ClientError) as refused:
            client.submit("a.ipynb", {"x": value})
        assert refused.value.code == "invalid_request"
    assert Answers.seen == []


def test_a_server_on_a_unix_socket_is_reached(tmp_path: Path) -> None:
    path = tmp_path / "s"
    for _ in serve(UnixServer(str(path), Answers)):
        transport = HttpTransport(f"http+unix://{quote(str(path), safe='')}/base/", "")
        assert transport.request("GET", "runs")[0] == 202


def test_a_server_that_is_away_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(ClientError) as refused:
            Client(HttpTransport(url, "")).status()
    assert (refused.value.code, refused.value.status) == ("unreachable", 0)


@pytest.mark.parametrize("url", ["", "localhost:8888", "ftp://x/", "http://", "file:///etc/passwd"])
def test_what_is_no_address_of_a_server_is_refused(url: str) -> None:
    with pytest.raises(ClientError):
        HttpTransport(url, "")
