"""A client that repeats what it got no answer to has it done once (durability row D2)."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest

from tests.cutting_proxy import CuttingProxy
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

SENDERS = 4


@pytest.fixture
def host(tmp_path: Path) -> Iterator[JupyterHost]:
    with JupyterHost(tmp_path).wait() as host:
        nbformat.write(nbformat.v4.new_notebook(), host.root / "empty.ipynb")
        yield host


def submit_until_answered(port: int, key: str) -> str:
    """Send one submission again and again until an answer comes through; return its run."""
    headers = {
        "Authorization": f"token {OWNER}",
        "Content-Type": "application/json",
        "Idempotency-Key": key,
    }
    body = json.dumps({"notebook": "empty.ipynb"})
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request("POST", f"{BASE_URL}mlops/api/runs", body, headers)
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
        assert answer.status == 202, data
        return str(told["run_id"])


def storm(host: JupyterHost, submissions: int) -> int:
    """Submit through cut connections, each key from two senders; return how many were cut."""
    proxy = CuttingProxy(host.port, seed=submissions)
    keys = [f"storm-{number}" for number in range(submissions) for _ in range(2)]
    with ThreadPoolExecutor(SENDERS) as pool:
        answered = list(pool.map(lambda key: submit_until_answered(proxy.port, key), keys))
    proxy.close()
    by_key = set(zip(keys, answered, strict=True))
    assert len(by_key) == len(set(answered)) == submissions
    host.settle(600)
    made: Counter[str] = Counter()
    cursor = ""
    while True:
        page = host.request("GET", f"runs?limit=1000{cursor}").json()
        made.update(run["run_id"] for run in page["runs"])
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert made == Counter(set(answered))
    return proxy.cuts


def test_a_storm_of_repeated_submissions_makes_one_run_of_each(host: JupyterHost) -> None:
    assert storm(host, 12) >= 20


@pytest.mark.long
@pytest.mark.timeout(0)
def test_thousands_of_cut_connections_double_nothing(host: JupyterHost) -> None:
    assert storm(host, 1_000) >= 2_000
