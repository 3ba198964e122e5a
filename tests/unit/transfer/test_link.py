"""The link to a tracking server: what its answers mean, and which are waited for."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import answers, link
from jupyter_mlops.transfer.link import Link, Refusal


class Scripted:
    """A server that gives the answers of a script, one to a connection, and hears the requests."""

    def __init__(self, *script: bytes) -> None:
        self.heard: list[bytes] = []
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until the script is at its end."""
        self._thread.join(30)
        self._listener.close()

    def _serve(self) -> None:
        for answer in self._script:
            connection, _ = self._listener.accept()
            with connection:
                self.heard.append(connection.recv(1 << 16))
                connection.sendall(answer)


def said(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URI", "TOKEN", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)
    monkeypatch.setattr(link, "WAITS_SECONDS", (0.01, 0.01))


def asked(*script: bytes) -> dict[str, object]:
    with closing(Scripted(*script)) as server, closing(link.of_mlflow(server.url)) as client:
        return client.ask("experiments/get", experiment_id="0")


def test_a_server_that_is_away_for_a_moment_is_waited_for() -> None:
    assert asked(said("503 Away", b""), b"", said("200 OK", b'{"a": 1}')) == {"a": 1}


def test_a_server_that_stays_away_is_told_of() -> None:
    with pytest.raises(ClientError, match="does not answer") as found:
        asked(b"", b"", b"")
    assert found.value.status == 0


def test_what_would_double_is_not_repeated() -> None:
    with (
        closing(Scripted(b"")) as server,
        closing(link.of_mlflow(server.url)) as client,
        pytest.raises(ClientError),
    ):
        client.tell("POST", "runs/create", {}, once=True)
    assert len(server.heard) == 1


def test_a_refusal_says_what_the_server_said() -> None:
    body = b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such run"}'
    with pytest.raises(Refusal, match="No such run") as found:
        asked(said("404 Not Found", body))
    assert found.value.permanent


def test_a_place_that_leads_elsewhere_is_not_followed() -> None:
    with pytest.raises(ClientError, match="give the address where it leads"):
        asked(said("302 Found", b"", "Location: http://127.0.0.1:9/"))


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff"])
def test_an_answer_in_another_form_is_no_crash(body: bytes) -> None:
    with pytest.raises(ClientError, match="does not answer as an MLflow"):
        asked(said("200 OK", body))


@pytest.mark.parametrize("answer", [{}, {"info": 1}, {"info": {"run_id": "x"}}])
def test_an_answer_that_lacks_something_is_no_crash(answer: dict[str, object]) -> None:
    with pytest.raises(ClientError, match="form that MLflow's protocol does not have"):
        answers.run(answer)


def test_a_file_that_is_cut_off_is_not_taken_for_whole() -> None:
    cut = said("200 OK", b"x" * 100)[:-50]
    with (
        closing(Scripted(cut)) as server,
        closing(link.of_mlflow(server.url)) as client,
        client.download("file") as stream,
    ):
        assert stream.read(50) == b"x" * 50
        with pytest.raises(ClientError, match="in the middle"):
            stream.read(50)


def test_who_is_asking_is_said_as_to_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    def proof(client: Link) -> str | None:
        return client._headers.get("Authorization")

    assert proof(link.of_mlflow("http://a:1")) is None
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    assert proof(link.of_mlflow("http://a:1")) == "Bearer secret"
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pw")
    assert proof(link.of_mlflow("http://a:1")) == "Basic YWRhOnB3"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://b:1")
    assert proof(link.of_mlflow("http://a:1")) is None
    assert proof(link.of_mlflow("http://ada:pw@a:1")) == "Basic YWRhOnB3"
    assert "pw" not in link.of_mlflow("http://ada:pw@a:1").shown
