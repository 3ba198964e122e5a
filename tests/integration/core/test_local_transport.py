"""The door without HTTP answers as the others do, whoever asks and whatever fails."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.bootstrap import open_local

CANARY = "c4narY7"


def test_a_fault_inside_is_a_problem_with_an_id_and_no_stack(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    transport = open_local(tmp_path, tmp_path / "home")
    with sqlite3.connect(tmp_path / "home" / "store.db", timeout=30) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DROP TABLE experiments")
    connection.close()
    status, headers, body = transport.request("GET", "runs", {"q": CANARY})
    transport.close()
    problem = msgspec.json.decode(body)
    assert (status, problem["code"]) == (500, "internal_error")
    assert headers["Content-Type"] == "application/problem+json"
    assert f"Request {problem['id']} failed: OperationalError" in caplog.text
    for told in (CANARY, "SELECT", str(tmp_path)):
        assert told not in body.decode()
    assert CANARY not in caplog.text


def test_a_user_whom_the_system_has_no_name_for_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 54_321)
    transport = open_local(tmp_path, tmp_path / "home")
    status, _, body = transport.request("GET", "status")
    transport.close()
    assert (status, msgspec.json.decode(body)["user"]) == (200, "uid-54321")
