"""A fault inside shows as a problem with an id: no SQL, no path, nothing of the request."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from jupyter_mlops.api.problems import MEDIA_TYPE
from tests.identities import UNLUCKY
from tests.jupyter_host import JupyterHost

CANARY = "c4narY7"


def test_a_store_broken_under_the_server_tells_nothing_of_its_inside(tmp_path: Path) -> None:
    with JupyterHost(tmp_path).wait() as host:
        with sqlite3.connect(host.home / "store.db", timeout=30) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("DROP TABLE experiments")
        connection.close()
        answers = [
            host.request("GET", f"runs?q={CANARY}&notebook={CANARY}"),
            host.request("GET", "experiments"),
            host.request("POST", "experiments", {"name": CANARY, "description": CANARY}),
        ]
        for answer in answers:
            text = answer.body.decode()
            assert answer.status >= 500
            assert answer.headers["content-type"] == MEDIA_TYPE
            for told in (CANARY, "experiments", "SELECT", "INSERT", str(tmp_path), "Traceback"):
                assert told not in text
        assert host.stop() == 0
        for answer in answers:
            assert answer.json()["id"] in host.log
        assert CANARY not in host.log


def test_an_unexpected_failure_is_logged_by_its_place_and_not_by_what_was_sent(
    host: JupyterHost,
) -> None:
    answer = host.request("GET", f"runs?q={CANARY}", token=UNLUCKY, headers={"X-Canary": CANARY})
    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    assert CANARY not in answer.body.decode()
    deadline = time.monotonic() + 10
    while f"Request {answer.json()['id']} failed with RuntimeError" not in host.log:
        assert time.monotonic() < deadline, host.log
        time.sleep(0.05)
    assert "identities.py" in host.log
    assert CANARY not in host.log
