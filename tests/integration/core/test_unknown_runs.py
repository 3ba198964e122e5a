"""Runs that the store does not know, as after an older one was put back, are left as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.services import dispatcher as dispatching
from jupyter_mlops.services import leadership
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.sqlite import is_read
from tests.claimed_run import claimed, dispatcher, record
from tests.spool_files import OpenedRun, Records

ROUNDS = 5


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """An empty store."""
    made = Database.open(home / "store.db")
    yield made
    made.close()


@contextmanager
def transactions() -> Iterator[list[str]]:
    """Give the transactions that write, begun in the block."""
    seen: list[str] = []

    def note(connection: Connection) -> None:
        if not is_read(connection):
            seen.append("write")

    event.listen(Engine, "begin", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "begin", note)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take in at each round, and renew the leases once only."""
    monkeypatch.setattr(dispatching, "TAKE_IN_SECONDS", 0.0)
    monkeypatch.setattr(leadership, "RENEW_SECONDS", 3_600.0)
    monkeypatch.setattr(leadership, "LEASE_MS", 3_600_000)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that a test may name as a run's reaper."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def look(home: Path, database: Database) -> list[str]:
    """Let a dispatcher look at all runs again and again; return what it began after the first."""
    made = dispatcher(home, database)
    with transactions() as seen:
        made.cycle()
    # It took the lease.
    assert seen
    with transactions() as seen:
        for _ in range(ROUNDS):
            made.cycle()
    made.close()
    return seen


@pytest.mark.usefixtures("eager")
def test_an_unknown_run_that_goes_on_is_not_cancelled_and_costs_no_write(
    home: Path, database: Database
) -> None:
    directory = claimed(home)
    records = Records(directory)
    records.write("metrics", m={"loss": 1.0}, s=None)
    records.stage("notes.txt", b"notes")
    assert look(home, database) == []
    assert not directory.cancel.exists()
    assert len(list(directory.staged.iterdir())) == 1
    assert list((home / "artifacts").glob("sha256/*/*")) == []
    # Once the store knows it, nothing is missing.
    record(database, directory)
    made = dispatcher(home, database)
    made.cycle()
    made.close()
    with database.read() as connection:
        assert [item.value for item in runs.get(connection, directory.run_id).metrics] == [1.0]
    assert list(directory.staged.iterdir()) == []


@pytest.mark.usefixtures("eager")
def test_a_run_from_code_whose_first_record_is_missing_costs_no_write(
    home: Path, database: Database
) -> None:
    directory = RunDirectory(home, OpenedRun(home).run_id)
    for path in directory.spools():
        path.unlink()
    Records(directory).write("metrics", m={"loss": 1.0}, s=None)
    assert look(home, database) == []
    assert directory.path.exists()


@pytest.mark.usefixtures("eager")
def test_an_unknown_run_whose_reaper_is_gone_is_kept_whole_and_told_of_once(
    home: Path,
    database: Database,
    stranger: subprocess.Popen[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    directory = claimed(home, stranger.pid)
    stranger.kill()
    stranger.wait()
    environment = {**os.environ, "JMLOPS_RUN_ID": directory.run_id}
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, env=environment) as left:
        assert look(home, database) == []
        assert left.poll() is None
        left.kill()
    assert directory.spec.exists()
    assert [item.getMessage() for item in caplog.records] == [
        f"run {directory.run_id} is not in this store; its directory is kept"
    ]


def test_a_run_that_ended_while_it_started_is_cancelled(home: Path, database: Database) -> None:
    directory = claimed(home)
    record(database, directory)
    with database.write() as connection:
        runs.end(
            connection,
            directory.run_id,
            status=RunStatus.KILLED,
            reason=Reason.CANCELLED,
            message=None,
            ended_at=2,
        )
    made = dispatcher(home, database)
    made.cycle()
    made.close()
    assert directory.cancel.exists()
