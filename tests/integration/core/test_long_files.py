"""A file that takes long to store holds up nothing but the run that it belongs to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.bootstrap import Adapters
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.run_spec import RunResult
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.services import dispatcher as dispatching
from jupyter_mlops.services.aside import LARGE_BYTES
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.store import artifacts, runs
from jupyter_mlops.store.database import Database
from tests.claimed_run import claimed, dispatcher, record
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

LARGE = b"large" * LARGE_BYTES


class SlowDisk(ContentStore):
    """Takes as long over a large file as the test wants."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.begun = threading.Event()
        self.go = threading.Event()

    def _wait(self, size: int) -> None:
        if size > LARGE_BYTES:
            self.begun.set()
            assert self.go.wait(60)

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        self._wait(source.seek(0, 2))
        source.seek(0)
        return super().put_stream(source)

    def take(self, folder: Path, name: str) -> tuple[str, int]:
        self._wait(folder.joinpath(name).stat().st_size)
        return super().take(folder, name)


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    """An empty store."""
    made = Database.open(home / "store.db")
    yield made
    made.close()


@pytest.fixture
def disk(home: Path) -> SlowDisk:
    """The store of bytes of the dispatcher."""
    return SlowDisk(home)


@pytest.fixture
def slow(
    home: Path, database: Database, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dispatcher]:
    """A dispatcher over the slow disk, that takes in at each round."""
    monkeypatch.setattr(dispatching, "TAKE_IN_SECONDS", 0.0)
    made = dispatcher(home, database, disk)
    yield made
    disk.go.set()
    made.close()


def status(database: Database, run_id: str) -> RunStatus:
    with database.read() as connection:
        return runs.get(connection, run_id).status


def files(database: Database, run_id: str) -> list[str]:
    with database.read() as connection:
        return [file.path for file in artifacts.for_run(connection, run_id)]


def losses(database: Database, run_id: str) -> list[int]:
    """Return how many values of each metric are stored."""
    with database.read() as connection:
        return [item.count for item in runs.get(connection, run_id).metrics]


def stored(workspace: Workspace, run_id: str) -> list[str]:
    """Return the files of a run, none for one that is not known yet."""
    try:
        return [file.path for file in workspace.artifacts(run_id)]
    except NotFound:
        return []


def cycled(slow: Dispatcher, done: bool) -> bool:
    """Let the dispatcher do another round unless it is done."""
    if not done:
        slow.cycle()
    return done


def test_others_report_and_end_while_a_large_file_is_taken_in(
    home: Path, database: Database, disk: SlowDisk, slow: Dispatcher
) -> None:
    large, other = OpenedRun(home), OpenedRun(home)
    slow.cycle()
    large.write("metrics", m={"loss": 1.0}, s=None)
    large.stage("model.bin", LARGE)
    large.write("metrics", m={"loss": 2.0}, s=None)
    slow.cycle()
    assert disk.begun.wait(60)
    other.write("metrics", m={"loss": 1.0}, s=None)
    slow.cycle()
    assert losses(database, other.run_id) == [1]
    other.stage("notes.txt", b"notes")
    other.close()
    slow.cycle()
    assert files(database, other.run_id) == ["notes.txt"]
    assert status(database, other.run_id) is RunStatus.FINISHED
    assert files(database, large.run_id) == []
    disk.go.set()
    until(
        lambda: cycled(slow, losses(database, large.run_id) == [2]), "the large file to be stored"
    )
    assert files(database, large.run_id) == ["model.bin"]
    assert list(large.directory.staged.iterdir()) == []


def test_a_cancel_is_passed_on_while_a_large_file_is_taken_in(
    home: Path, database: Database, disk: SlowDisk, slow: Dispatcher
) -> None:
    cancelled = claimed(home)
    record(database, cancelled)
    OpenedRun(home).stage("model.bin", LARGE)
    slow.cycle()
    assert disk.begun.wait(60)
    with database.write() as connection:
        runs.request_cancel(connection, cancelled.run_id)
    slow.cycle()
    assert cancelled.cancel.exists()


def test_others_end_while_the_large_log_of_a_run_is_stored(
    home: Path, database: Database, disk: SlowDisk, slow: Dispatcher
) -> None:
    large, other = claimed(home), OpenedRun(home)
    record(database, large)
    large.log.write_bytes(LARGE)
    ended = RunResult(
        run_id=large.run_id,
        protocol=1,
        status=RunStatus.FAILED,
        reason=Reason.KERNEL_DIED,
        message=None,
        ended_at=9_000,
        duration_ms=8_000,
        cpu_seconds=1.0,
        peak_memory_bytes=1,
        failing_cell=None,
        secrets_masked=0,
    )
    large.write_result(ended)
    slow.cycle()
    assert disk.begun.wait(60)
    other.close()
    until(
        lambda: cycled(slow, not other.directory.path.exists()),
        "the other run to be concluded",
    )
    assert status(database, other.run_id) is RunStatus.FINISHED
    assert status(database, large.run_id) is RunStatus.RUNNING
    disk.go.set()
    until(lambda: not large.path.exists(), "the run with the log to be concluded")
    assert status(database, large.run_id) is RunStatus.FAILED


@pytest.fixture
def slow_workspace(tmp_path: Path) -> Iterator[tuple[Workspace, SlowDisk]]:
    """A core over the slow disk."""
    slow_disk = SlowDisk(tmp_path / "home")
    made = Workspace(tmp_path, adapters=Adapters(content=lambda _: slow_disk))
    yield made, slow_disk
    slow_disk.go.set()
    made.close()


def test_a_queued_run_starts_and_ends_while_a_large_file_is_taken_in(
    slow_workspace: tuple[Workspace, SlowDisk],
) -> None:
    workspace, disk = slow_workspace
    large = OpenedRun(workspace.home)
    large.stage("model.bin", LARGE)
    assert disk.begun.wait(60)
    run_id = workspace.submit(workspace.notebook("plain.ipynb", "1 + 1")).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    assert stored(workspace, large.run_id) == []
    disk.go.set()
    until(lambda: stored(workspace, large.run_id) == ["model.bin"], "the large file")


def test_what_a_closing_server_cannot_finish_is_done_by_the_next(
    slow_workspace: tuple[Workspace, SlowDisk],
) -> None:
    workspace, disk = slow_workspace
    large = OpenedRun(workspace.home)
    large.stage("model.bin", LARGE)
    assert disk.begun.wait(60)
    workspace.close()
    late = [thread for thread in threading.enumerate() if thread.name == "mlops-files"]
    assert late
    disk.go.set()
    for thread in late:
        thread.join(60)
    workspace.open_core()
    until(lambda: stored(workspace, large.run_id) == ["model.bin"], "the large file")
