"""Who switches the extension off, and on again, finds everything as it was (row D14)."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from tests.faults.mlflow_load import MlflowClient, ask_over_http
from tests.jupyter_host import BASE_URL, START_SECONDS, JupyterHost

OFF = "c.ServerApp.jpserver_extensions = {'jupyter_mlops': False}\n"


def tree(home: Path) -> dict[str, str]:
    """Return every file of a home with its digest."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in home.rglob("*")
        if path.is_file()
    }


def wait_without_extension(host: JupyterHost) -> None:
    """Return once a server answers that does not have the extension."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = host.request("GET", "status", address=f"{BASE_URL}api/")
        except OSError:
            time.sleep(0.05)
            continue
        assert answer.status == 200
        return
    raise AssertionError(host.log)


def test_a_server_without_the_extension_touches_nothing_of_what_it_keeps(tmp_path: Path) -> None:
    client = MlflowClient("client")
    with JupyterHost(tmp_path).wait() as host:
        ask = ask_over_http(host.port)
        while client.told < 2:
            client.go_on(ask)
    before = tree(host.home)
    with JupyterHost(tmp_path, config=OFF) as host:
        wait_without_extension(host)
        status, _ = ask_over_http(host.port)("GET", "api/2.0/mlflow/experiments/search", None)
        assert status == 404
        sent = json.dumps({"experiment_id": "0"}).encode()
        status, _ = ask_over_http(host.port)("POST", "api/2.0/mlflow/runs/create", sent)
        assert 400 <= status < 500
    assert tree(host.home) == before
    with JupyterHost(tmp_path).wait() as host:
        client.check_all(ask_over_http(host.port))
