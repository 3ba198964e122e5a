"""Whatever an MLflow client sends, the answer is one that its protocol knows, and no 5xx (row S7)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_mlops.api.mlflow.errors import NotImplementedHere
from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.artifacts.blob import FileBlob
from tests.contract import mlflow_messages
from tests.contract.mlflow_messages import RUN
from tests.contract.route_samples import name_of
from tests.jupyter_host import Answer, JupyterHost
from tests.mlflow_door import ADDRESS, MlflowDoor, check_refusal

KNOWN = {200, 400, 404, 409}
# Parts of MLflow that are answered, and never done.
REFUSED = ("mlflow.mpu.", "mlflow.presigned")
RANGES = ["", "bytes=0-3", "bytes=-2", "bytes=999-", "bytes=x"]


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    """A server of its own: whatever is there may be renamed or deleted."""
    config = "c.MLOpsApp.requests_per_second = 10000\n"
    with JupyterHost(tmp_path_factory.mktemp("fuzzed"), config=config).wait() as running:
        yield running


def check(route: Route, answer: Answer) -> None:
    """Check that an answer is one that MLflow's client understands."""
    known = set(KNOWN)
    if route.operation_id.startswith(REFUSED):
        known = {400, NotImplementedHere.status}
    elif route.answer is FileBlob:
        known.add(416)
    if answer.status == 206 and route.answer is FileBlob:
        return
    assert answer.status in known, answer
    if answer.status != 200:
        check_refusal(answer, *known)
    elif answer.headers["content-type"] == "application/json":
        if route.answer is not FileBlob:
            assert isinstance(json.loads(answer.body), dict)
    else:
        assert route.answer in (FileBlob, bytes)


def probe(host: JupyterHost, route: Route, examples: int) -> None:
    """Send requests of all kinds to one operation and check each answer."""
    door = MlflowDoor(host)
    name = f"{route.method} {route.operation_id} {examples}"
    made = door.post("experiments/create", name=name).json()["experiment_id"]
    run_id = door.new_run(made)
    assert door.file("PUT", run_id, "loss", b"bytes of a file").status == 200
    data = st.binary(max_size=64) if route.upload else mlflow_messages.body(route)
    parts = {name: mlflow_messages.path_part() for name in route.path_names}

    @settings(
        max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(
        fields=mlflow_messages.query(route) if route.method == "GET" else st.just([]),
        body=st.none() if route.method == "GET" else data,
        path=st.fixed_dictionaries(parts),
        asked=st.sampled_from(RANGES),
    )
    def send(
        fields: list[tuple[str, str]], body: bytes | None, path: dict[str, str], asked: str
    ) -> None:
        place = route.path
        for name, text in path.items():
            part = quote(text.replace(RUN, run_id))
            place = place.replace(f"{{{name}...}}", part).replace(f"{{{name}}}", part)
        query = [(name, text.replace(RUN, run_id)) for name, text in fields]
        answer = host.request(
            route.method,
            f"{place}?{urlencode(query)}" if query else place,
            None if body is None else body.replace(RUN.encode(), run_id.encode()),
            headers={"Content-Type": "application/json", "Range": asked},
            address=ADDRESS,
        )
        check(route, answer)

    send()
    assert door.get("runs/get", run_id=run_id).status == 200


@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_no_message_gets_an_answer_outside_of_the_protocol(
    fuzzed: JupyterHost, route: Route
) -> None:
    probe(fuzzed, route, examples=20)


@pytest.mark.long
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("route", ROUTES, ids=name_of)
def test_no_message_of_thousands_gets_an_answer_outside_of_the_protocol(
    fuzzed: JupyterHost, route: Route
) -> None:
    probe(fuzzed, route, examples=2_000)


def test_the_messages_of_these_tests_reach_what_is_done_with_them(host: JupyterHost) -> None:
    (route,) = (each for each in ROUTES if each.operation_id == "mlflow.runs/set-tag")
    run_id = MlflowDoor(host).new_run()
    statuses: set[int] = set()

    @settings(max_examples=100, deadline=None, database=None)
    @given(fields=mlflow_messages.message(route))
    def send(fields: dict[str, Any]) -> None:
        whole = json.loads(json.dumps(fields).replace(RUN, run_id))
        answer = MlflowDoor(host).post("runs/set-tag", **whole)
        statuses.add(answer.status)

    send()
    assert statuses >= {200, 400, 404}
