"""A server that answers as none should: the transfer ends with a sentence, and it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer import answers, link
from jupyter_mlops.transfer.destination import Destination
from jupyter_mlops.transfer.records import Experiment
from jupyter_mlops.transfer.source import NotReadable
from jupyter_mlops.transfer.tracking_server import TrackingServer
from tests.scripted_server import Scripted, said

RUN = {"info": {"run_id": "a", "experiment_id": "1", "artifact_uri": "s3://b"}}


def read(action: Callable[[TrackingServer], Any], *script: object) -> Any:
    lines = [said("200 OK", json.dumps(each).encode()) for each in script]
    with closing(Scripted(*lines)) as server, closing(link.of_mlflow(server.url)) as client:
        return action(TrackingServer(client))


def test_the_same_page_again_is_no_end() -> None:
    page = {"experiments": [], "metrics": [], "next_page_token": "x"}
    run = answers.run(RUN)
    for action in (
        lambda source: list(source.experiments()),
        lambda source: list(source.history(run, "loss")),
    ):
        with pytest.raises(ClientError, match="again and again"):
            read(action, page, page)


def test_a_folder_that_lies_in_itself_is_left() -> None:
    inside = {"files": [{"path": "a", "is_dir": True}]}
    with pytest.raises(NotReadable, match="what is not in it"):
        read(lambda source: list(source.files(answers.run(RUN))), inside, inside)


def test_an_empty_list_may_be_left_out_or_be_nothing() -> None:
    for page in ({}, {"experiments": None}, {"experiments": []}):
        assert read(lambda source: list(source.experiments()), page) == []


@pytest.mark.parametrize(
    ("action", "answer"),
    [
        (lambda source: list(source.experiments()), {"experiments": 5}),
        (lambda source: list(source.experiments()), {"experiments": [5]}),
        (lambda source: list(source.runs(Experiment("1", "e"))), {"runs": [{}]}),
        (lambda source: source.run("a"), {}),
        (lambda source: list(source.files(answers.run(RUN))), {"files": [{"file_size": "x"}]}),
        (lambda source: list(source.registered_models()), {"registered_models": [{}]}),
        (
            lambda source: list(source.history(answers.run(RUN), "m")),
            {"metrics": [{"key": "m", "value": 10**400}]},
        ),
    ],
)
def test_an_answer_in_another_form_is_told_of(
    action: Callable[[TrackingServer], Any], answer: dict[str, object]
) -> None:
    with pytest.raises(ClientError, match="form that MLflow's protocol does not have"):
        read(action, answer)


def test_an_id_of_a_source_leads_nowhere_else_in_the_destination() -> None:
    refusal = said("404 Not Found", b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": ""}')
    origin = "../../../api/contents?x=\n"
    with (
        closing(Scripted(refusal)) as server,
        closing(link.of_mlflow(server.url)) as client,
    ):
        assert Destination(client).known_model(origin, carried=True) is None
    line = server.heard[0].partition(b" HTTP/")[0]
    place = b"GET /api/2.0/mlflow/logged-models/..%2F..%2F..%2Fapi%2Fcontents%3Fx%3D%0A"
    assert line.rstrip(b"?") == place


def test_a_name_that_is_no_text_is_asked_for_all_the_same() -> None:
    broken = {"name": "\ud800"}
    page, found = {"registered_models": [broken]}, {"registered_model": broken}
    (model,) = read(lambda source: list(source.registered_models()), page, found)
    assert model.name == "\ud800"
