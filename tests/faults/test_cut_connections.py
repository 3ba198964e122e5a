"""A client that repeats what it got no answer to has it done once (durability row D2).

MLflow's clients send no key with what they repeat: all but what makes something with a new id is done once.
"""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.cutting_proxy import CuttingProxy
from tests.faults.mlflow_load import MlflowClient, ask_over_http
from tests.faults.mlflow_story import Story
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

SENDERS = 4
ENDLESS = "import time; time.sleep(3600)"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path).wait() as host:
        nbformat.write(nbformat.v4.new_notebook(), host.root / "empty.ipynb")
        yield host


@pytest.fixture
def busy_host(tmp_path: Path) -> Iterator[JupyterHost]:
    """A server whose only place is taken, so that what is submitted costs no kernel."""
    config = "c.MLOpsApp.concurrency = 1\nc.MLOpsApp.requests_per_second = 10000\n"
    with JupyterHost(tmp_path, config=config).wait() as host:
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(ENDLESS)])
        nbformat.write(book, host.root / "endless.ipynb")
        blocking = host.request("POST", "runs", {"notebook": "endless.ipynb"}).json()["run_id"]
        yield host
        host.request("POST", f"runs/{blocking}/cancel")


def send_until_answered(
    port: int, method: str, path: str, body: Mapping[str, Any], key: str | None = None
) -> dict[str, Any]:
    """Send one request again and again until an answer comes through; return that."""
    headers = {"Authorization": f"token {OWNER}", "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, f"{BASE_URL}mlops/api/{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
        try:
            told = json.loads(data)
        except ValueError:
            # Cut within its headers, which http.client takes for all of them.
            continue
        assert answer.status in (200, 201, 202), data
        return dict(told)


def runs_of(host: JupyterHost) -> Iterator[dict[str, Any]]:
    """Give every run of a server."""
    cursor = ""
    while True:
        page = host.request("GET", f"runs?limit=1000{cursor}").json()
        yield from page["runs"]
        if page["next_cursor"] is None:
            return
        cursor = f"&cursor={page['next_cursor']}"


def storm(host: JupyterHost, submissions: int) -> int:
    """Submit through cut connections, each key from two senders; return how many were cut."""
    proxy = CuttingProxy(host.port, seed=submissions)
    keys = [f"storm-{number}" for number in range(submissions) for _ in range(2)]

    def submit(key: str) -> str:
        answer = send_until_answered(proxy.port, "POST", "runs", {"notebook": "empty.ipynb"}, key)
        return str(answer["run_id"])

    with ThreadPoolExecutor(SENDERS) as pool:
        answered = list(pool.map(submit, keys))
    proxy.close()
    by_key = set(zip(keys, answered, strict=True))
    assert len(by_key) == len(set(answered)) == submissions
    host.settle(600)
    made = Counter(run["run_id"] for run in runs_of(host))
    assert made == Counter(set(answered))
    return proxy.cuts


@dataclass(frozen=True)
class Told:
    """What one client did through the proxy, as it was answered."""

    experiment: str
    experiment_id: int
    run_id: str
    again_id: str


def tell(port: int, number: int) -> Told:
    """Do one of each write; what makes something is asked for a second time under its key."""

    def made(path: str, body: Mapping[str, Any], key: str) -> dict[str, Any]:
        first, again = (send_until_answered(port, "POST", path, body, key) for _ in range(2))
        assert first == again
        return first

    name = f"experiment {number}"
    experiment = made("experiments", {"name": name}, f"experiment-{number}")
    submission = {"notebook": "endless.ipynb", "experiment": name}
    run_id = made("runs", submission, f"run-{number}")["run_id"]
    again_id = made(f"runs/{run_id}/rerun", {"name": "again"}, f"rerun-{number}")["run_id"]
    for value in ("first", f"note {number}"):
        change = send_until_answered(port, "PATCH", f"runs/{run_id}", {"note": value})
        assert change["note"] == value
    for value in ("first", f"tag {number}"):
        send_until_answered(port, "PUT", f"runs/{run_id}/tags", {"key": "k", "value": value})
    return Told(name, experiment["experiment_id"], run_id, again_id)


def storm_of_all_writes(host: JupyterHost, stories: int) -> int:
    """Let clients write through cut connections and check what became of it; return the cuts."""
    before = {run["run_id"] for run in runs_of(host)}
    proxy = CuttingProxy(host.port, seed=stories)
    with ThreadPoolExecutor(SENDERS) as pool:
        told = list(pool.map(lambda number: tell(proxy.port, number), range(stories)))
    proxy.close()
    made = Counter(run["run_id"] for run in runs_of(host) if run["run_id"] not in before)
    assert made == Counter(run for story in told for run in (story.run_id, story.again_id))
    assert len({story.experiment_id for story in told}) == stories
    assert host.request("GET", "experiments").json()["total"] == stories + 1
    for number, story in enumerate(told):
        run = host.request("GET", f"runs/{story.run_id}").json()
        assert (run["note"], run["experiment"]) == (f"note {number}", story.experiment)
        assert run["tags"] == [{"key": "k", "value": f"tag {number}"}]
        assert host.request("GET", f"runs/{story.again_id}").json()["rerun_of"] == story.run_id
    return proxy.cuts


def storm_of_mlflow(host: JupyterHost, stories: int, seed: int) -> int:
    """Let clients of MLflow write through cut connections and check all of it; return the cuts."""
    proxy = CuttingProxy(host.port, seed)
    clients = [MlflowClient(f"client {seed} {number}") for number in range(SENDERS)]

    def tell(client: MlflowClient) -> None:
        for number in range(stories // SENDERS):
            client.stories.append(Story(f"{client.name} {number}"))
            client.tell_on(ask_over_http(proxy.port))

    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(tell, clients))
    proxy.close()
    for client in clients:
        client.check_all(ask_over_http(host.port))
    assert sum(client.told for client in clients) == stories
    return proxy.cuts


def test_a_storm_of_repeated_submissions_makes_one_run_of_each(host: JupyterHost) -> None:
    assert storm(host, 12) >= 20


def test_a_storm_of_all_writes_doubles_nothing(busy_host: JupyterHost) -> None:
    assert storm_of_all_writes(busy_host, 50) >= 450


def test_a_storm_of_mlflows_writes_doubles_nothing(host: JupyterHost) -> None:
    assert storm_of_mlflow(host, 32, seed=1) >= 300


@pytest.mark.long
@pytest.mark.timeout(0)
def test_thousands_of_cut_connections_double_nothing(host: JupyterHost) -> None:
    assert storm(host, 1_000) >= 2_000


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(5))
def test_tens_of_thousands_of_cut_connections_double_no_write(
    busy_host: JupyterHost, part: int
) -> None:
    assert part in range(5)
    assert storm_of_all_writes(busy_host, 1_050) >= 9_600


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(5))
def test_tens_of_thousands_of_cut_connections_double_no_write_of_mlflows(
    host: JupyterHost, part: int
) -> None:
    assert storm_of_mlflow(host, 800, seed=part + 2) >= 9_600
