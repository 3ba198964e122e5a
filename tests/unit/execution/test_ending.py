from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from jupyter_mlops.domain.runs import REASONS, Reason, RunStatus
from jupyter_mlops.execution.ending import Ending, Outcome
from jupyter_mlops.execution.resources import TreeUsage
from tests.process_chain import orders

FINISHED = Outcome(
    status=RunStatus.FINISHED, reason=None, message=None, failing_cell=None, secrets_masked=2
)
KILLED = Outcome(
    status=RunStatus.KILLED,
    reason=Reason.CANCELLED,
    message="cancelled",
    failing_cell=3,
    secrets_masked=0,
)
LOST = Outcome(
    status=RunStatus.FAILED,
    reason=Reason.LOST,
    message="The engine failed",
    failing_cell=None,
    secrets_masked=0,
)


def ending(**changes: object) -> Ending:
    return Ending(orders(Path("/"), **changes), begun=100.0)


def result(of: Ending, *, out_of_memory: bool = False, unkillable: int = 0) -> tuple[object, ...]:
    made = of.result(TreeUsage(os.getpid()), out_of_memory=out_of_memory, unkillable=unkillable)
    assert made.reason in REASONS[made.status]
    return made.status, made.reason, made.message, made.failing_cell


def test_a_worker_that_failed_left_the_notebook_unfinished_as_one_that_was_killed_did() -> None:
    run = ending()
    assert run.left_unfinished
    run.take_outcome(FINISHED, 300.0)
    assert not run.left_unfinished
    run.take_outcome(LOST, 300.0)
    assert run.left_unfinished
    run.interrupted_cell = 4
    assert result(run) == (RunStatus.FAILED, Reason.LOST, "The engine failed", 4)


@pytest.mark.parametrize("outcome", [None, KILLED, LOST])
def test_a_run_over_its_memory_is_out_of_memory_whatever_its_worker_saw(
    outcome: Outcome | None,
) -> None:
    run = ending(memory_limit=2_000_000_000)
    order = run.must_stop(101.0, cancelled=False, terminated=False, over_memory=True)
    assert order == "memory_limit"
    if outcome is not None:
        run.take_outcome(outcome, 102.0)
    status, reason, message, _ = result(run)
    assert (status, reason) == (RunStatus.FAILED, Reason.OUT_OF_MEMORY)
    assert "2,000 MB" in str(message)


def test_a_stop_is_ordered_once() -> None:
    run = ending(time_limit=10.0)
    assert run.must_stop(109.9, cancelled=False, terminated=False) is None
    assert run.must_stop(110.0, cancelled=False, terminated=False) == "time_limit"
    assert run.must_stop(110.1, cancelled=True, terminated=True) is None


def test_a_run_without_limit_is_never_stopped_by_time() -> None:
    assert ending().must_stop(1e9, cancelled=False, terminated=False) is None


def test_patience_ends_after_a_stop_or_an_outcome() -> None:
    run = ending()
    assert not run.out_of_patience(1e9, 3.0, 10.0)
    run.must_stop(200.0, cancelled=True, terminated=False)
    assert not run.out_of_patience(202.9, 3.0, 10.0)
    assert run.out_of_patience(203.0, 3.0, 10.0)
    run = ending()
    run.take_outcome(FINISHED, 300.0)
    assert not run.out_of_patience(309.9, 3.0, 10.0)
    assert run.out_of_patience(310.0, 3.0, 10.0)


def test_a_cancel_hurries_a_kernel_that_is_leaving_but_the_run_has_finished() -> None:
    run = ending()
    run.take_outcome(FINISHED, 300.0)
    assert run.must_stop(301.0, cancelled=True, terminated=False) is None
    assert run.out_of_patience(303.0, 3.0, 10.0)
    assert result(run)[0] is RunStatus.FINISHED


@pytest.mark.parametrize(
    ("code", "words"),
    [(-signal.SIGKILL, "SIGKILL"), (-200, "200"), (3, "exit code 3")],
)
def test_a_worker_that_went_without_a_word_is_lost(code: int, words: str) -> None:
    run = ending()
    run.worker_ended(code)
    run.interrupted_cell = 4
    status, reason, message, cell = result(run)
    assert (status, reason, cell) == (RunStatus.FAILED, Reason.LOST, 4)
    assert words in str(message)


def test_a_worker_killed_for_memory_is_out_of_memory() -> None:
    run = ending()
    run.worker_ended(-signal.SIGKILL)
    assert result(run, out_of_memory=True)[1] is Reason.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("cancelled", "status", "reason"),
    [
        (True, RunStatus.KILLED, Reason.CANCELLED),
        (False, RunStatus.FAILED, Reason.TIME_LIMIT),
    ],
)
def test_a_worker_that_did_not_obey_ends_as_ordered(
    cancelled: bool, status: RunStatus, reason: Reason
) -> None:
    run = ending(time_limit=1.0)
    run.must_stop(200.0, cancelled=cancelled, terminated=False)
    assert result(run)[:2] == (status, reason)
    assert "did not react" in str(result(run)[2])


def test_a_terminated_run_is_lost_and_not_cancelled() -> None:
    run = ending()
    assert run.must_stop(200.0, cancelled=False, terminated=True) == "cancelled"
    run.take_outcome(KILLED, 201.0)
    status, reason, message, cell = result(run)
    assert (status, reason, cell) == (RunStatus.FAILED, Reason.LOST, 3)
    assert "SIGTERM" in str(message)


def test_processes_that_cannot_die_are_mentioned() -> None:
    run = ending()
    run.take_outcome(FINISHED, 300.0)
    assert "2 of its processes" in str(result(run, unkillable=2)[2])
