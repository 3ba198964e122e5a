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
from tests.contract.mlflow_messages import EXPERIMENT, MODEL, NAME, RUN
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


def made_for(door: MlflowDoor, name: str) -> dict[str, str]:
    """Make one of each thing that requests are about; return the ids by what stands for them."""
    created = door.post("experiments/create", name=f"of {name}")
    experiment = created.json()["experiment_id"]
    tag = {"experiment_id": experiment, "key": "loss", "value": "1"}
    assert door.post("experiments/set-experiment-tag", **tag).status == 200
    run_id = door.new_run(experiment)
    assert door.file("PUT", run_id, "loss", b"bytes of a file").status == 200
    logged = {"run_id": run_id, "key": "loss", "value": 1, "timestamp": 7}
    assert door.post("runs/log-metric", **logged).status == 200
    assert door.post("runs/set-tag", run_id=run_id, key="loss", value="1").status == 200
    pairs = [{"key": "loss", "value": "1"}]
    model = door.post(
        "logged-models", experiment_id=experiment, source_run_id=run_id, tags=pairs
    ).json()["model"]["info"]["model_id"]
    file = f"api/2.0/mlflow-artifacts/artifacts/0/models/{model}/artifacts/MLmodel"
    assert door.send("PUT", file, b"bytes of a model").status == 200
    assert door.post("registered-models/create", name=name, tags=pairs).status == 200
    source = f"models:/{model}"
    made = door.post("model-versions/create", name=name, source=source, tags=pairs)
    assert made.status == 200, made
    chosen = {"name": name, "version": "1", "alias": "champion"}
    assert door.post("registered-models/alias", **chosen).status == 200
    return {RUN: run_id, EXPERIMENT: experiment, MODEL: model, NAME: name}


def named(text: str, ids: dict[str, str]) -> str:
    """Return a text with the ids in it."""
    for placeholder, own in ids.items():
        text = text.replace(placeholder, own)
    return text


def probe(host: JupyterHost, route: Route, examples: int) -> set[int]:
    """Send requests of all kinds to one operation and check each answer; return the statuses."""
    door = MlflowDoor(host)
    # What any kind of thing may be called.
    words = route.operation_id.replace("/", " ").replace(".", " ")
    ids = made_for(door, f"{route.method} {words} {examples}")
    statuses: set[int] = set()
    if route.operation_id == "mlflow.experiments/restore":
        assert door.post("experiments/delete", experiment_id=ids[EXPERIMENT]).status == 200
    data = st.binary(max_size=64) if route.upload else mlflow_messages.body(route)
    parts = {name: mlflow_messages.path_part(name) for name in route.path_names}

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
            part = quote(named(text, ids))
            place = place.replace(f"{{{name}...}}", part).replace(f"{{{name}}}", part)
        query = [(name, named(text, ids)) for name, text in fields]
        sent = None if body is None else _named_bytes(body, ids)
        answer = host.request(
            route.method,
            f"{place}?{urlencode(query)}" if query else place,
            sent,
            headers={"Content-Type": "application/json", "Range": asked},
            address=ADDRESS,
        )
        check(route, answer)
        statuses.add(answer.status)

    send()
    assert door.get("runs/get", run_id=ids[RUN]).status == 200
    return statuses


def _named_bytes(body: bytes, ids: dict[str, str]) -> bytes:
    for placeholder, own in ids.items():
        body = body.replace(placeholder.encode(), own.encode())
    return body


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
    statuses = probe(fuzzed, route, examples=2_000)
    # Not only what refuses them is tried.
    assert statuses & {200, 206} or route.operation_id.startswith(REFUSED)


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
