"""What a Jupyter server answered 2xx to survives kill -9 of that server under load (rows D1 to D3).

At both doors at once: our own, and MLflow's, whose clients repeat what they got no answer to.
"""

from __future__ import annotations

import http.client
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import nbformat
import pytest

from jupyter_mlops.services import soundness
from tests.faults.mlflow_load import MlflowClient, ask_over_http
from tests.jupyter_host import JupyterHost
from tests.workspace import until

SENDERS = 3
# One run holds the only place for ever, so that what is submitted costs no kernel.
CONFIG = "c.MLOpsApp.concurrency = 1\nc.MLOpsApp.requests_per_second = 1000\n"
LOAD_SECONDS = 0.6


class Load(Protocol):
    """What is done to servers until they are killed, and what must be kept of it."""

    def work(self, number: int, host: JupyterHost) -> Callable[[], None]:
        """Return what sender ``number`` does again and again to this server."""

    def check_file(self, connection: sqlite3.Connection) -> None:
        """Look at the store of a server that was killed."""

    def check(self, host: JupyterHost) -> None:
        """Look at what the next server shows, before anything is sent to it."""

    def check_in_the_end(self, host: JupyterHost) -> None:
        """Look at everything, through a last server."""


class Sender(threading.Thread):
    """Works until the server is gone."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self.failures: list[object] = []

    def run(self) -> None:
        try:
            while True:
                self._work()
        except (OSError, http.client.HTTPException):
            return
        except Exception as error:  # noqa: BLE001 - the test tells it
            self.failures.append(error)


@dataclass
class OwnDoorLoad:
    """Submits runs, tags them and counts up the note of the first one of each life."""

    runs: list[str] = field(default_factory=list)
    tags: list[tuple[str, str, str]] = field(default_factory=list)
    notes: dict[str, int] = field(default_factory=dict)

    def work(self, number: int, host: JupyterHost) -> Callable[[], None]:
        """Return what submits, tags and notes."""
        noted: list[str] = []

        def step() -> None:
            run_id = self._submit(host)
            noted.append(run_id)
            for key in range(2):
                self._tag(host, run_id, f"key{key}", run_id[:4])
            self._note(host, noted[0])

        return step

    def _submit(self, host: JupyterHost) -> str:
        answer = host.request("POST", "runs", {"notebook": "sleep.ipynb"})
        assert answer.status == 202, answer
        run_id = str(answer.json()["run_id"])
        self.runs.append(run_id)
        return run_id

    def _tag(self, host: JupyterHost, run_id: str, key: str, value: str) -> None:
        answer = host.request("PUT", f"runs/{run_id}/tags", {"key": key, "value": value})
        assert answer.status == 200, answer
        self.tags.append((run_id, key, value))

    def _note(self, host: JupyterHost, run_id: str) -> None:
        number = self.notes.get(run_id, 0) + 1
        answer = host.request("PATCH", f"runs/{run_id}", {"note": str(number)})
        assert answer.status == 200, answer
        self.notes[run_id] = number

    def check_file(self, connection: sqlite3.Connection) -> None:
        notes = dict(connection.execute("SELECT run_id, note FROM runs").fetchall())
        tags = set(
            connection.execute(
                "SELECT run_id, key, value FROM tags JOIN runs ON runs.seq = tags.run"
            ).fetchall()
        )
        assert set(self.runs) - notes.keys() == set()
        assert set(self.tags) - tags == set()
        late = {run: number for run, number in self.notes.items() if int(notes[run] or 0) < number}
        assert late == {}

    def check(self, host: JupyterHost) -> None:
        """Do nothing: this door shows what is in the file."""

    def check_in_the_end(self, host: JupyterHost) -> None:
        """See that every run is shown, and end the one that holds the place."""
        shown = {
            run_id for run_id in self.runs if host.request("GET", f"runs/{run_id}").status == 200
        }
        assert shown == set(self.runs)
        # From the last to the first, so that none starts.
        for run_id in list(listed(host)):
            host.request("POST", f"runs/{run_id}/cancel")
        until(lambda: not any(host.home.glob("runs/*")), "the runs to end")


@dataclass
class MlflowLoad:
    """Clients of MLflow, each of which goes on with the next server where it was interrupted."""

    clients: list[MlflowClient] = field(
        default_factory=lambda: [MlflowClient(f"client {number}") for number in range(SENDERS)]
    )

    def work(self, number: int, host: JupyterHost) -> Callable[[], None]:
        """Return what sends the next request of a client."""
        ask = ask_over_http(host.port)
        return lambda: self.clients[number].go_on(ask)

    def check_file(self, connection: sqlite3.Connection) -> None:
        """Do nothing: the next server is asked."""

    def check(self, host: JupyterHost) -> None:
        for client in self.clients:
            client.check_new(ask_over_http(host.port))

    def check_in_the_end(self, host: JupyterHost) -> None:
        """Let the clients tell their last stories to the end, and look at all of them."""
        ask = ask_over_http(host.port)
        for client in self.clients:
            client.tell_on(ask)
            client.check_all(ask)

    @property
    def acknowledged(self) -> int:
        """How many requests were answered."""
        return sum(client.acknowledged for client in self.clients)


def check_file(home: Path, loads: Sequence[Load]) -> None:
    """Assert that the store is whole and holds everything that was acknowledged."""
    with closing(sqlite3.connect(home / "store.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        for load in loads:
            load.check_file(connection)


def kill_under_load(folder: Path, kills: int, chance: random.Random, loads: Sequence[Load]) -> None:
    for _ in range(kills):
        with JupyterHost(folder, config=CONFIG).wait() as host:
            for load in loads:
                load.check(host)
            senders = [Sender(load.work(each, host)) for load in loads for each in range(SENDERS)]
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.05, LOAD_SECONDS))
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            for sender in senders:
                sender.join(30)
            assert [sender.failures for sender in senders] == [[]] * len(senders)
        check_file(host.home, loads)
    with JupyterHost(folder, config=CONFIG).wait() as host:
        for load in loads:
            load.check_in_the_end(host)
    # Every file that a row names is there with its bytes (row D3).
    assert soundness.check(folder / "home").faults == []


def listed(host: JupyterHost) -> Iterator[str]:
    """Yield the ids of all runs, the newest first."""
    cursor: str | None = ""
    while cursor is not None:
        page = host.request(
            "GET", f"runs?limit=1000&cursor={cursor}" if cursor else "runs?limit=1000"
        )
        yield from (run["run_id"] for run in page.json()["runs"])
        cursor = page.json()["next_cursor"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    book = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("import time; time.sleep(3600)")]
    )
    (tmp_path / "root").mkdir()
    nbformat.write(book, tmp_path / "root" / "sleep.ipynb")
    return tmp_path


@pytest.mark.timeout(300)
def test_a_server_killed_under_load_loses_and_doubles_nothing_that_it_answered(
    folder: Path,
) -> None:
    own, mlflow = OwnDoorLoad(), MlflowLoad()
    kill_under_load(folder, 20, random.Random(1), [own, mlflow])  # noqa: S311
    assert len(own.runs) >= 20
    assert mlflow.acknowledged >= 100


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_hundred_and_fifty_servers_killed_under_load_lose_and_double_nothing(
    folder: Path,
) -> None:
    own, mlflow = OwnDoorLoad(), MlflowLoad()
    kill_under_load(folder, 150, random.Random(2), [own, mlflow])  # noqa: S311
    assert len(own.runs) >= 150
    assert len(own.tags) >= 150
    assert mlflow.acknowledged >= 1_500
