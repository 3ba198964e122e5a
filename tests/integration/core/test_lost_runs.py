"""Runs that code opened and that were taken for lost: when, with which reason, and what comes later."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.kernel.notices import TrackingWarning
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

ANOTHER_START = "00000000-0000-0000-0000-000000000000:1"
NOBODY = 2**22 + 1


def test_a_restart_of_the_machine_loses_an_open_run_at_once_and_says_so(
    workspace: Workspace,
) -> None:
    opened = OpenedRun(workspace.home, boot_id=ANOTHER_START)
    opened.write("metrics", m={"loss": 0.5}, s=0)
    run = workspace.ended(until(lambda: found(workspace, opened), "the run"))
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "was restarted" in (run.message or "")
    assert run.metrics[0].value == 0.5


def test_an_open_run_of_another_machine_is_lost_only_after_long_silence(
    workspace: Workspace,
) -> None:
    opened = OpenedRun(workspace.home, boot_id=ANOTHER_START, machine="elsewhere:", pid=NOBODY)
    until(lambda: found(workspace, opened), "the run")
    plain = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    workspace.ended(plain)
    assert workspace.run(opened.run_id).status is RunStatus.RUNNING
    opened.written_ago(4_000)
    run = workspace.ended(opened.run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert "not heard of" in (run.message or "")


def test_what_a_lost_run_logs_later_is_kept_and_its_own_end_replaces_the_loss(
    workspace: Workspace,
) -> None:
    opened = OpenedRun(workspace.home, boot_id=ANOTHER_START, machine="elsewhere:", pid=NOBODY)
    opened.write("metrics", m={"loss": 3.0}, s=0)
    until(lambda: found(workspace, opened), "the run")
    opened.written_ago(4_000)
    lost = workspace.ended(opened.run_id)
    assert lost.reason is Reason.LOST
    until(lambda: not opened.directory.path.exists(), "the run directory to go")
    with pytest.warns(TrackingWarning, match="made anew"):
        opened.write("metrics", m={"loss": 2.0}, s=1)
    until(lambda: workspace.run(opened.run_id).metrics[0].count == 2, "the second value")
    assert workspace.run(opened.run_id).reason is Reason.LOST
    opened.write("metrics", m={"loss": 1.0}, s=2)
    opened.close()
    run = until(
        lambda: run if (run := workspace.run(opened.run_id)).reason is None else None, "its end"
    )
    assert (run.status, run.message, run.ended_at) == (RunStatus.FINISHED, None, 2_000)
    assert (run.metrics[0].count, run.metrics[0].value) == (3, 1.0)
    log = workspace.events()
    ends = [event for event in log if event.type is EventType.RUN_ENDED]
    assert [event.subject for event in ends] == [opened.run_id] * 2
    until(lambda: not opened.directory.path.exists(), "the run directory to go")


def test_a_lost_run_that_dies_after_all_stays_lost(workspace: Workspace) -> None:
    opened = OpenedRun(workspace.home, boot_id=ANOTHER_START, machine="elsewhere:", pid=NOBODY)
    until(lambda: found(workspace, opened), "the run")
    opened.written_ago(4_000)
    first = workspace.ended(opened.run_id)
    until(lambda: not opened.directory.path.exists(), "the run directory to go")
    with pytest.warns(TrackingWarning, match="made anew"):
        opened.write("metrics", m={"loss": 2.0}, s=1)
    until(lambda: workspace.run(opened.run_id).metrics, "the value")
    opened.written_ago(4_000)
    until(lambda: not opened.directory.path.exists(), "the run directory to go")
    second = workspace.run(opened.run_id)
    assert (second.status, second.reason) == (RunStatus.FAILED, Reason.LOST)
    assert second.ended_at == first.ended_at


def found(workspace: Workspace, opened: OpenedRun) -> str | None:
    """Return the id of a run once the store knows it."""
    known = workspace.events()
    return opened.run_id if any(event.subject == opened.run_id for event in known) else None
