"""What a Jupyter server answered 2xx to survives kill -9 of that server under load (row D1)."""

from __future__ import annotations

import http.client
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from tests.jupyter_host import JupyterHost
from tests.workspace import until

SENDERS = 3
# One run holds the only place for ever, so that what is submitted costs no kernel.
CONFIG = "c.MLOpsApp.concurrency = 1\nc.MLOpsApp.requests_per_second = 1000\n"
LOAD_SECONDS = 0.6


@dataclass
class Acknowledged:
    """What servers answered 2xx to."""

    runs: list[str] = field(default_factory=list)
    tags: list[tuple[str, str, str]] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)


class Sender(threading.Thread):
    """Submits runs, tags them and counts up the note of its first one, until the server is gone."""

    def __init__(self, host: JupyterHost, told: Acknowledged) -> None:
        super().__init__(daemon=True)
        self._host = host
        self._told = told
        self.failures: list[object] = []

    def run(self) -> None:
        noted = None
        try:
            while True:
                run_id = self._submit()
                noted = noted or run_id
                for number in range(2):
                    self._tag(run_id, f"key{number}", run_id[:4])
                self._note(noted)
        except (OSError, http.client.HTTPException):
            return
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.failures.append(error)

    def _submit(self) -> str:
        answer = self._host.request("POST", "runs", {"notebook": "sleep.ipynb"})
        assert answer.status == 202, answer
        run_id = str(answer.json()["run_id"])
        self._told.runs.append(run_id)
        return run_id

    def _tag(self, run_id: str, key: str, value: str) -> None:
        answer = self._host.request("PUT", f"runs/{run_id}/tags", {"key": key, "value": value})
        assert answer.status == 200, answer
        self._told.tags.append((run_id, key, value))

    def _note(self, run_id: str) -> None:
        number = self._told.notes.get(run_id, 0) + 1
        answer = self._host.request("PATCH", f"runs/{run_id}", {"note": str(number)})
        assert answer.status == 200, answer
        self._told.notes[run_id] = number


def check(home: Path, told: Acknowledged) -> None:
    """Assert that the store is whole and holds everything that was acknowledged."""
    with closing(sqlite3.connect(home / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        notes = dict(connection.execute("SELECT run_id, note FROM runs").fetchall())
        tags = set(
            connection.execute(
                "SELECT run_id, key, value FROM tags JOIN runs ON runs.seq = tags.run"
            ).fetchall()
        )
    assert set(told.runs) - notes.keys() == set()
    assert set(told.tags) - tags == set()
    late = {run: number for run, number in told.notes.items() if int(notes[run] or 0) < number}
    assert late == {}


def kill_under_load(folder: Path, kills: int, chance: random.Random) -> Acknowledged:
    told = Acknowledged()
    for _ in range(kills):
        with JupyterHost(folder, config=CONFIG).wait() as host:
            senders = [Sender(host, told) for _ in range(SENDERS)]
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.05, LOAD_SECONDS))
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            for sender in senders:
                sender.join(30)
            assert [sender.failures for sender in senders] == [[]] * SENDERS
        check(host.home, told)
    return told


def listed(host: JupyterHost) -> Iterator[str]:
    """Yield the ids of all runs, the newest first."""
    cursor: str | None = ""
    while cursor is not None:
        page = host.request(
            "GET", f"runs?limit=1000&cursor={cursor}" if cursor else "runs?limit=1000"
        )
        yield from (run["run_id"] for run in page.json()["runs"])
        cursor = page.json()["next_cursor"]


def through_the_door(folder: Path, told: Acknowledged) -> None:
    """Let a last server show every run, and end the one that holds the place."""
    with JupyterHost(folder, config=CONFIG).wait() as host:
        shown = {
            run_id for run_id in told.runs if host.request("GET", f"runs/{run_id}").status == 200
        }
        assert shown == set(told.runs)
        # From the last to the first, so that none starts.
        for run_id in list(listed(host)):
            host.request("POST", f"runs/{run_id}/cancel")
        until(lambda: not any(host.home.glob("runs/*")), "the runs to end")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import time; time.sleep(3600)")]
    )
    (tmp_path / "root").mkdir()
    nbformat.write(book, tmp_path / "root" / "sleep.ipynb")
    return tmp_path


@pytest.mark.timeout(300)
def test_a_server_killed_under_load_loses_nothing_that_it_answered(folder: Path) -> None:
    told = kill_under_load(folder, 20, random.Random(1))  # noqa: S311
    assert len(told.runs) >= 20
    through_the_door(folder, told)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_hundred_and_fifty_servers_killed_under_load_lose_nothing(folder: Path) -> None:
    told = kill_under_load(folder, 150, random.Random(2))  # noqa: S311
    assert len(told.runs) >= 150
    assert len(told.tags) >= 150
    through_the_door(folder, told)
