"""A launcher that takes its time holds up nothing but the runs that wait for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import psutil
import pytest

from jupyter_mlops.bootstrap import Adapters
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.launches import ATTEMPTS_MAX
from jupyter_mlops.store import leases
from jupyter_mlops.store.database import Database
from tests.workspace import Workspace, until

SLEEP = "import time\ntime.sleep(120)"
MARK = "open('executed', 'w').close()"


def launcher(workspace: Workspace, run_id: str) -> int:
    """Return the process that started a run, which waits for the next one."""
    pid = int(
        (workspace.home / "runs" / run_id / "reaper.json")
        .read_text()
        .split('"pid":')[1]
        .split(",")[0]
    )
    return psutil.Process(pid).ppid()


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process answer nobody in the block."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGCONT)


def test_a_run_is_cancelled_and_another_taken_in_while_a_start_takes_long(
    workspace: Workspace,
) -> None:
    sleeping = workspace.notebook("sleep.ipynb", SLEEP)
    going = workspace.submit(sleeping).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        waiting = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
        until((directory / waiting / "spec.json").exists, "the start of the other run")
        workspace.cancel(going)
        run = workspace.ended(going)
        assert (run.status, run.reason) == (RunStatus.KILLED, Reason.CANCELLED)
        assert workspace.run(waiting).status is RunStatus.SCHEDULED
    assert workspace.ended(waiting).status is RunStatus.FINISHED


def test_a_run_whose_start_takes_long_can_be_cancelled(workspace: Workspace) -> None:
    going = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        waiting = workspace.submit(workspace.notebook("mark.ipynb", MARK)).run_id
        until((directory / waiting / "spec.json").exists, "the start of the other run")
        cancelled = workspace.cancel(waiting)
        assert cancelled.status is RunStatus.KILLED
    until(lambda: not (directory / waiting).exists(), "the run directory to go")
    assert not (workspace.root / "executed").exists()
    assert workspace.run(waiting).status is RunStatus.KILLED
    workspace.cancel(going)
    assert workspace.ended(going).status is RunStatus.KILLED


class Noting(LocalExecutor):
    """Notes the runs that it launches."""

    launched: ClassVar[list[str]] = []

    def launch(self, spec: RunSpec, *rest: Any) -> None:
        self.launched.append(spec.run_id)
        super().launch(spec, *rest)


@pytest.fixture
def wide(tmp_path: Path) -> Iterator[Workspace]:
    """An open core that runs three notebooks at a time, and notes what it launches."""
    Noting.launched.clear()
    made = Workspace(tmp_path, concurrency=3, adapters=Adapters(executor=Noting))
    yield made
    made.close()


def has_a_place(workspace: Workspace, run_id: str) -> bool:
    """Tell whether a run is being started, or waits for others that are started before it."""
    database = Database.open(workspace.home / "store.db")
    with database.read() as connection:
        live = leases.live(connection, time.time_ns() // 1_000_000)
    database.close()
    return f"launch::{run_id}" in live


def test_a_run_cancelled_while_others_are_started_first_is_never_launched(
    wide: Workspace,
) -> None:
    workspace = wide
    going = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        first = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
        until((directory / first / "spec.json").exists, "the start of the first")
        behind = workspace.submit(workspace.notebook("mark.ipynb", MARK)).run_id
        until(lambda: has_a_place(workspace, behind), "the other to have its turn next")
        workspace.cancel(behind)
    assert workspace.ended(first).status is RunStatus.FINISHED
    # What comes later is started later.
    after = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(after).status is RunStatus.FINISHED
    assert Noting.launched == [going, first, after]
    assert not (workspace.root / "executed").exists()
    assert not (directory / behind).exists()
    workspace.cancel(going)
    assert workspace.ended(going).status is RunStatus.KILLED


def test_a_run_whose_start_fails_again_and_again_is_refused_and_holds_up_no_other(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []
    launch = LocalExecutor.launch

    def fail(executor: LocalExecutor, spec: RunSpec, *rest: Any) -> None:
        if spec.notebook == "cursed.ipynb":
            attempts.append(spec.run_id)
            raise ValueError("nobody foresaw this")
        launch(executor, spec, *rest)

    monkeypatch.setattr(LocalExecutor, "launch", fail)
    cursed = workspace.submit(workspace.notebook("cursed.ipynb", "1")).run_id
    other = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(other).status is RunStatus.FINISHED
    run = workspace.ended(cursed)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.REFUSED)
    assert "could not be started" in (run.message or "")
    assert "foresaw" not in (run.message or "")
    assert len(attempts) == ATTEMPTS_MAX
    # The end is recorded first.
    until(lambda: not (workspace.home / "runs" / cursed).exists(), "the run directory to go")


def test_a_run_whose_start_takes_long_can_be_cancelled_and_purged(workspace: Workspace) -> None:
    going = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        waiting = workspace.submit(workspace.notebook("mark.ipynb", MARK)).run_id
        until((directory / waiting / "spec.json").exists, "the start of the other run")
        workspace.cancel(waiting)
        workspace.trash(waiting)
        workspace.purge(waiting)
    after = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(after).status is RunStatus.FINISHED
    assert not (workspace.root / "executed").exists()
    assert not (directory / waiting).exists()
    workspace.cancel(going)
    assert workspace.ended(going).status is RunStatus.KILLED


def test_a_start_that_the_end_of_the_server_cuts_short_is_made_by_the_next(
    workspace: Workspace,
) -> None:
    going = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        waiting = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
        until((directory / waiting / "spec.json").exists, "the start of the other run")
        workspace.close()
    workspace.open_core()
    assert workspace.ended(waiting).status is RunStatus.FINISHED
    workspace.cancel(going)
    assert workspace.ended(going).status is RunStatus.KILLED
