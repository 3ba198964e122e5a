"""Addresses and who is asking there: what is meant for one server, and what is shown of it."""

from __future__ import annotations

from contextlib import closing

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import link, places
from jupyter_mlops.transfer.link import Link
from jupyter_mlops.transfer.report import Report
from tests.scripted_server import Scripted, said


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("URI", "TOKEN", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"MLFLOW_TRACKING_{name}", raising=False)


def proof(client: Link) -> str | None:
    return client._headers.get("Authorization")


def test_who_is_asking_is_said_as_to_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proof(link.of_mlflow("http://a:1")) is None
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    assert proof(link.of_mlflow("http://a:1")) == "Bearer secret"
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "pw")
    assert proof(link.of_mlflow("http://a:1")) == "Basic YWRhOnB3"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://b:1")
    assert proof(link.of_mlflow("http://a:1")) is None
    assert proof(link.of_mlflow("http://ada:pw@a:1")) == "Basic YWRhOnB3"


def test_what_is_meant_for_an_encrypted_connection_is_not_sent_in_the_clear(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "secret")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "https://a:1/below")
    assert proof(link.of_mlflow("http://a:1/below")) is None
    assert proof(link.of_mlflow("https://a:1")) == "Bearer secret"


@pytest.mark.parametrize("token", ["secret\n", "secret\r\nX: y", "secret\N{EURO SIGN}"])
def test_a_token_that_no_header_can_have_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    for of_server in (link.of_mlflow, lambda url: link.of_jupyter(url, token)):
        with pytest.raises(ClientError, match="cannot be sent") as found:
            of_server("http://127.0.0.1:9")
        assert "secret" not in str(found.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://",
        "http://ada:hidden@",
        "http://127.0.0.1:50x0",
        "http://127.0.0.1:99999",
        "http://[::1",
        "http://" + "x" * 70 + ":1",
    ],
)
def test_what_is_no_address_is_no_crash(address: str) -> None:
    with pytest.raises(ClientError, match="is not the address of a server") as found:
        places.source(address, Report())
    assert "hidden" not in str(found.value)


def test_a_path_may_have_any_letter() -> None:
    with closing(Scripted(said("200 OK", b"{}"))) as server:
        client = link.of_mlflow(f"{server.url}/k\N{LATIN SMALL LETTER U WITH DIAERESIS}/a%40b")
        with closing(client):
            client.ask("experiments/get")
    assert server.heard[0].startswith(b"GET /k%C3%BC/a%40b/api/2.0/mlflow/experiments/get")


@pytest.mark.parametrize(
    "address",
    ["http://ada:hidden@127.0.0.1:1", "postgresql://ada:hidden@db/x", "ftp://ada:hidden@h"],
)
def test_a_password_in_an_address_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for action in (places.server, lambda each: places.source(each, Report())):
        with pytest.raises(ClientError) as found:
            action(address)
        assert "hidden" not in str(found.value)
