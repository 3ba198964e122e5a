"""Servers are found by the files they leave, and by nothing that a dead one left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.client.discovery import Server, parent_server, servers


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.delenv("JUPYTERHUB_API_TOKEN", raising=False)
    return tmp_path


def announce(runtime: Path, pid: int, *, word: str = "t", at: float = 0.0) -> None:
    file = runtime / f"jpserver-{pid}.json"
    told = {"url": f"http://localhost:{pid}/", "token": word, "pid": pid, "root_dir": "/r"}
    file.write_text(json.dumps(told))
    os.utime(file, (at, at))


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_living_server_is_found_with_its_token_and_root(runtime: Path) -> None:
    announce(runtime, os.getpid())
    (found,) = servers()
    assert found == Server(f"http://localhost:{os.getpid()}/", "t", os.getpid(), Path("/r"))


def test_a_server_of_another_contents_folder_tells_of_it(runtime: Path) -> None:
    announce(runtime, os.getpid())
    told = runtime / f"mlops-root-of-jpserver-{os.getpid()}.json"
    told.write_text('{"root": "/inner"}')
    assert [server.root for server in servers()] == [Path("/inner")]
    told.write_text("[")
    assert [server.root for server in servers()] == [Path("/r")]


def test_the_files_of_dead_servers_and_broken_ones_are_passed_over(runtime: Path) -> None:
    announce(runtime, dead_pid())
    for name, content in {"1": "{", "2": "[]", "3": "{}", "4": '{"url": 1}', "5": "\x00"}.items():
        (runtime / f"jpserver-{name}.json").write_text(content)
    assert list(servers()) == []


def test_the_server_of_this_kernel_comes_first_then_the_newest(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waits, stdin=subprocess.PIPE) as other:
        announce(runtime, os.getpid(), at=1)
        announce(runtime, 1, at=2)
        announce(runtime, other.pid, at=3)
        assert [server.pid for server in servers()] == [other.pid, 1, os.getpid()]
        monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
        assert [server.pid for server in servers()] == [os.getpid(), other.pid, 1]
        other.communicate(b"\n")


@pytest.mark.parametrize("pid", ["", "x", "-1", "99999999999999999999"])
def test_a_parent_that_cannot_be_is_none(
    runtime: Path, monkeypatch: pytest.MonkeyPatch, pid: str
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", pid)
    assert parent_server() is None


def test_a_server_of_a_hub_takes_the_token_of_the_hub(
    runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "hub")
    announce(runtime, os.getpid(), word="")
    (found,) = servers()
    assert found.token == "hub"
