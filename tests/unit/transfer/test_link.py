"""The link to a tracking server: what its answers mean, and which are waited for."""

from __future__ import annotations

from contextlib import closing

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import answers, link
from jupyter_mlops.transfer.link import Refusal
from tests.scripted_server import Scripted, said


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


@pytest.mark.parametrize("arrived", [0, 5])
def test_an_answer_that_is_cut_off_is_asked_for_again(arrived: int) -> None:
    body = b'{"metrics": [1]}'
    cut = said("200 OK", body)[: arrived - len(body)]
    assert asked(cut, said("200 OK", body)) == {"metrics": [1]}
    with pytest.raises(ClientError, match="in the middle of an answer"):
        asked(cut, cut, cut)


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


def test_a_refusal_without_end_is_cut() -> None:
    body = b'{"error_code": "X", "message": "%s"}' % (b"x" * 100_000)
    with pytest.raises(Refusal) as found:
        asked(said("400 Bad Request", body))
    assert len(found.value.message) == link.MESSAGE_MAX_CHARS
    with pytest.raises(ClientError, match="HTTP status 400"):
        asked(said("400 Bad Request", b"[" * 200_000))


def test_a_place_that_leads_elsewhere_is_not_followed() -> None:
    with pytest.raises(ClientError, match="give the address where it leads"):
        asked(said("302 Found", b"", "Location: http://127.0.0.1:9/"))


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"\xff", b"[" * 200_000])
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
