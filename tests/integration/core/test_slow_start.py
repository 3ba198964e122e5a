"""A launcher that takes its time holds up nothing but the runs that wait for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from jupyter_mlops.domain.runs import Reason, RunStatus
from tests.workspace import Workspace, until

SLEEP = "import time\ntime.sleep(120)"


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
        workspace.core.services.runs.cancel(workspace.actor, going)
        run = workspace.ended(going)
        assert (run.status, run.reason) == (RunStatus.KILLED, Reason.CANCELLED)
        assert workspace.run(waiting).status is RunStatus.SCHEDULED
    assert workspace.ended(waiting).status is RunStatus.FINISHED


def test_a_run_whose_start_takes_long_can_be_cancelled(workspace: Workspace) -> None:
    going = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(going)
    directory = workspace.home / "runs"
    with stopped(launcher(workspace, going)):
        waiting = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
        until((directory / waiting / "spec.json").exists, "the start of the other run")
        cancelled = workspace.core.services.runs.cancel(workspace.actor, waiting)
        assert cancelled.status is RunStatus.KILLED
    until(lambda: not (directory / waiting).exists(), "the run directory to go")
    assert workspace.run(waiting).status is RunStatus.KILLED
    workspace.core.services.runs.cancel(workspace.actor, going)
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
    workspace.core.services.runs.cancel(workspace.actor, going)
    assert workspace.ended(going).status is RunStatus.KILLED
