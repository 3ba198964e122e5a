"""A refusal in MLflow's shape tells nothing of the inside, and no log what was sent (row S10)."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from jupyter_mlops.api.mlflow.errors import MESSAGE_MAX_CHARS
from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.routing import Route
from tests.contract.route_samples import name_of, sample
from tests.identities import UNLUCKY
from tests.jupyter_host import Answer, JupyterHost
from tests.mlflow_door import ADDRESS, TRACKING, MlflowDoor, check_refusal
from tests.mlflow_fields import mlflow_texts

CANARY = "c4narY7"
# The end of a text that is too long to be quoted whole.
END = "th3End7"
TEXTS = {text.label: text for text in mlflow_texts()}
# What a refusal might say of the inside.
INSIDE = ("Traceback", ".py", "site-packages", "SELECT", "INSERT", "sqlite", "UNIQUE", "msgspec")
HEADERS = (
    "Content-Type",
    "Range",
    "If-None-Match",
    "User-Agent",
    "X-MLFLOW-WORKSPACE",
    "Origin",
    "Sec-Fetch-Site",
    "Cookie",
)


@pytest.fixture(scope="module")
def open_run(host: JupyterHost) -> str:
    return MlflowDoor(host).new_run()


def check_quiet(host: JupyterHost, answer: Answer) -> None:
    """Check that a refusal is short, well-formed and tells nothing of the inside."""
    if answer.status < 400:
        return
    refusal = check_refusal(answer, *range(400, 500), 501)
    assert len(refusal["message"]) <= MESSAGE_MAX_CHARS + 3
    for told in (*INSIDE, str(host.home), str(host.root)):
        assert told not in answer.body.decode(), answer
    assert CANARY not in repr(answer.headers)


@pytest.mark.parametrize("label", TEXTS)
def test_what_a_field_holds_is_in_no_log_and_a_refusal_quotes_little(
    host: JupyterHost, open_run: str, label: str
) -> None:
    for text in (CANARY, f"{CANARY}' \"%", f"\x1b[31m{CANARY}\n", "x" * 20_000 + END):
        if len(text) > 1_000 and TEXTS[label].route.method == "GET":
            continue
        answer = TEXTS[label].ask(host, open_run, text, X_Canary=CANARY)
        check_quiet(host, answer)
        if answer.status >= 400:
            assert END not in answer.body.decode()
    assert CANARY not in host.log
    assert END not in host.log


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_what_is_no_message_comes_back_in_no_refusal_and_no_log(
    host: JupyterHost, route: Route
) -> None:
    asked = sample(route)
    for data in (CANARY.encode(), f'{{"{CANARY}"'.encode(), f'["{CANARY}"]'.encode(), b"\xff\xfe"):
        answer = host.request(
            route.method,
            asked.path,
            data,
            headers={"Content-Type": "application/json"},
            address=ADDRESS,
        )
        check_quiet(host, answer)
        if answer.status >= 400:
            assert CANARY not in answer.body.decode()
    for query in (f"{CANARY}=1", f"token={CANARY}", f"%zz{CANARY}", f"%00{CANARY}"):
        check_quiet(host, asked.send(host, route.method, in_query=query))
    for header in HEADERS:
        check_quiet(host, asked.send(host, route.method, headers={header: f"{CANARY} !"}))
    refused = asked.send(host, route.method, token=CANARY)
    assert check_refusal(refused, 401)["error_code"] == "UNAUTHENTICATED"
    assert CANARY not in host.log


def test_a_field_of_another_type_is_quoted_only_in_part(host: JupyterHost, open_run: str) -> None:
    door = MlflowDoor(host)
    for value in ([CANARY], {CANARY: 1}, ["x" * 10_000 + END]):
        for name in ("run_name", "start_time", "tags", "user_id", "experiment_id"):
            answer = door.post("runs/create", **{name: value})
            check_quiet(host, answer)
            assert answer.status == 400, (name, value)
            assert END not in answer.body.decode()
    long = door.post("runs/log-parameter", run_id=open_run, key="p", value="y" * 6_000)
    assert long.status == 200
    changed = door.post("runs/log-parameter", run_id=open_run, key="p", value="z" * 6_000)
    assert "Changing param values is not allowed" in check_refusal(changed, 400)["message"]
    check_quiet(host, changed)
    assert CANARY not in host.log


@pytest.mark.parametrize("path", ["mlflow/nowhere", "mlflow/runs/get/x", "mlflow-artifacts/", "x"])
def test_an_address_that_is_none_of_mlflows_is_a_404_in_its_shape(
    host: JupyterHost, path: str
) -> None:
    for method in ("GET", "POST", "DELETE", "PATCH"):
        answer = host.request(method, f"api/2.0/{path}?{CANARY}", address=ADDRESS)
        assert check_refusal(answer, 404)["error_code"] == "ENDPOINT_NOT_FOUND"
    assert CANARY not in host.log


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "PUT", "DELETE", "PATCH"])
def test_an_unknown_verb_is_refused(host: JupyterHost, method: str) -> None:
    answer = host.request(method, f"{TRACKING}runs/get", address=ADDRESS)
    check_refusal(answer, 405)


def test_a_405_names_the_verbs_there_are(host: JupyterHost) -> None:
    answer = host.request("PUT", f"{TRACKING}experiments/search", address=ADDRESS)
    assert answer.headers["allow"] == "POST, GET"


def test_a_store_broken_under_the_server_tells_nothing_of_its_inside(tmp_path: Path) -> None:
    with JupyterHost(tmp_path).wait() as host:
        door = MlflowDoor(host)
        run_id = door.new_run()
        with sqlite3.connect(host.home / "store.db", timeout=30) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("DROP TABLE tags")
        connection.close()
        answers = [
            door.get("runs/get", run_id=run_id),
            door.post("runs/set-tag", run_id=run_id, key=CANARY, value=CANARY),
            door.post("runs/search", experiment_ids=["0"], filter=f"tags.a = '{CANARY}'"),
        ]
        for answer in answers:
            assert answer.status >= 500
            assert set(answer.json()) == {"error_code", "message"}
            for told in (*INSIDE, CANARY, "tags", str(tmp_path)):
                assert told not in answer.body.decode()
        assert host.stop() == 0
        for answer in answers:
            assert answer.headers["x-request-id"] in host.log
        assert CANARY not in host.log


def test_an_unexpected_failure_is_logged_by_its_place_and_not_by_what_was_sent(
    host: JupyterHost,
) -> None:
    answer = host.request(
        "POST",
        f"{TRACKING}runs/search",
        json.dumps({"filter": CANARY}).encode(),
        token=UNLUCKY,
        headers={"Content-Type": "application/json", "X-Canary": CANARY},
        address=ADDRESS,
    )
    assert check_refusal(answer, 500)["error_code"] == "INTERNAL_ERROR"
    assert CANARY not in answer.body.decode()
    deadline = time.monotonic() + 10
    while f"Request {answer.headers['x-request-id']} failed with RuntimeError" not in host.log:
        assert time.monotonic() < deadline, host.log
        time.sleep(0.05)
    assert CANARY not in host.log
