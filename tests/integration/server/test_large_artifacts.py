"""A large artifact goes out in pieces: the server's memory does not follow its size."""

from __future__ import annotations

import hashlib
import http.client
import time

import nbformat
import psutil
import pytest

from jupyter_mlops.server.workroom import IN_FLIGHT_PER_USER
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost

MIB = 2**20
SIZE = 200 * MIB
SOURCE = f"""
from jupyter_mlops import log_artifact
with open("big.bin", "wb") as file:
    for _ in range({SIZE // MIB}):
        file.write(b"0123456789abcdef" * 65_536)
log_artifact("big.bin")
"""


@pytest.fixture(scope="module")
def big_run(host: JupyterHost) -> str:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    nbformat.write(notebook, host.root / "big.ipynb")
    run_id = host.request("POST", "runs", {"notebook": "big.ipynb"}).json()["run_id"]
    deadline = time.monotonic() + 90
    while host.request("GET", f"runs/{run_id}").json()["status"] in ("SCHEDULED", "RUNNING"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return str(run_id)


def download(host: JupyterHost, run_id: str) -> http.client.HTTPConnection:
    """Ask for the artifact and read nothing of it yet."""
    connection = http.client.HTTPConnection(host.netloc, timeout=60)
    connection.request(
        "GET",
        f"{BASE_URL}mlops/api/runs/{run_id}/artifacts/content?path=big.bin",
        headers={"Authorization": f"token {OWNER}"},
    )
    return connection


def test_two_hundred_megabytes_pass_through_little_memory(host: JupyterHost, big_run: str) -> None:
    server = psutil.Process(host.process.pid)
    before, most, digest = server.memory_info().rss, 0, hashlib.sha256()
    connection = download(host, big_run)
    response = connection.getresponse()
    while piece := response.read(MIB):
        digest.update(piece)
        most = max(most, server.memory_info().rss)
    connection.close()
    (listed,) = host.request("GET", f"runs/{big_run}/artifacts").json()["artifacts"]
    assert listed["size"] == SIZE
    assert listed["digest"] == f"sha256:{digest.hexdigest()}"
    assert most - before < 50 * MIB


def test_readers_that_are_slow_hold_up_nobody(host: JupyterHost, big_run: str) -> None:
    slow = [download(host, big_run) for _ in range(2 * IN_FLIGHT_PER_USER)]
    responses = [connection.getresponse() for connection in slow]
    assert [response.status for response in responses] == [200] * len(slow)
    assert host.request("GET", f"runs/{big_run}").status == 200
    for connection in slow:
        connection.close()
