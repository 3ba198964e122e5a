"""Which requests of a client that is known take the shortcut."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPServerRequest, RequestStartLine

from jupyter_mlops.server.known_clients import KnownClients
from jupyter_mlops.server.places import Places
from jupyter_mlops.server.shortcut import Shortcut
from tests.unit.server.test_known_clients import headers, let_in

RUN = "0" * 32
FILE = f"api/2.0/mlflow-artifacts/artifacts/0/{RUN}/artifacts/a"


def found(method: str, path: str, *transforms: type, **others: str) -> bool:
    """Tell whether a request of a client takes the shortcut that was let in with one like it."""
    clients = KnownClients()
    sent = headers(**others)
    let_in(clients, sent)
    hosted: Any = SimpleNamespace(
        clients=clients, workroom=SimpleNamespace(tracking=Places(1, waiting=0))
    )
    application: Any = SimpleNamespace(transforms=list(transforms))
    start_line = RequestStartLine(method, f"/mlops/{path}", "HTTP/1.1")
    request = HTTPServerRequest(start_line=start_line, headers=sent)
    shortcut = Shortcut(hosted, application, logging.getLogger())
    return shortcut.find(request, request.path.removeprefix("/mlops/").encode()) is not None


JSON = {"Content_Type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "others"),
    [
        ("GET", "version", {}),
        ("GET", f"api/2.0/mlflow/runs/get?run_id={RUN}", {}),
        ("GET", FILE, {}),
        ("DELETE", FILE, {"Content_Length": "0"}),
        ("POST", "api/2.0/mlflow/runs/search", {**JSON, "Content_Length": "2"}),
    ],
)
def test_what_asks_for_an_operation_takes_it(
    method: str, path: str, others: dict[str, str]
) -> None:
    assert found(method, path, **others)


@pytest.mark.parametrize(
    ("method", "path", "others"),
    [
        ("HEAD", "version", {}),
        ("OPTIONS", "version", {}),
        ("get", "version", {}),
        ("GET", "api/2.0/mlflow/nowhere", {}),
        ("GET", "version?token=one", {}),
        ("GET", "version?%74oken=one", {}),
        ("GET", "version", {"Content_Length": "1,1"}),
        ("PUT", FILE, {"Content_Length": "2"}),
        ("POST", "api/2.0/mlflow/runs/search", JSON),
        ("POST", "api/2.0/mlflow/runs/search", {"Content_Length": "2"}),
        ("POST", "api/2.0/mlflow/runs/search", {**JSON, "Content_Length": "-2"}),
        (
            "POST",
            "api/2.0/mlflow/runs/search",
            {**JSON, "Content_Length": "000000000000000099999999"},
        ),
    ],
)
def test_what_is_to_be_refused_or_is_no_message_goes_the_usual_way(
    method: str, path: str, others: dict[str, str]
) -> None:
    assert not found(method, path, **others)


def test_where_answers_are_packed_the_usual_way_is_taken() -> None:
    assert not found("GET", "version", object)
