from __future__ import annotations

from itertools import product

import pytest

from jupyter_mlops.domain.errors import Conflict
from jupyter_mlops.domain.runs import (
    ACTIVE,
    REASONS,
    TERMINAL,
    TRANSITIONS,
    Reason,
    RunStatus,
    check_transition,
)

S, R, F = RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.FINISHED
FAILED, KILLED = RunStatus.FAILED, RunStatus.KILLED
FAILURES = set(Reason) - {Reason.CANCELLED}

# Written out, not computed from the table under test.
ALLOWED = {
    (S, R, None),
    (S, KILLED, Reason.CANCELLED),
    (R, F, None),
    (R, KILLED, Reason.CANCELLED),
    *((S, FAILED, reason) for reason in FAILURES),
    *((R, FAILED, reason) for reason in FAILURES),
}
EVERY = list(product(RunStatus, RunStatus, [None, *Reason]))


def case_id(value: object) -> str:
    return str(getattr(value, "value", value))


def test_there_are_as_many_cases_as_states_and_reasons() -> None:
    assert len(EVERY) == 5 * 5 * 9


@pytest.mark.parametrize(("before", "after", "reason"), EVERY, ids=case_id)
def test_a_run_changes_only_along_the_table(
    before: RunStatus, after: RunStatus, reason: Reason | None
) -> None:
    if (before, after, reason) in ALLOWED:
        check_transition(before, after, reason)
    else:
        with pytest.raises(Conflict):
            check_transition(before, after, reason)


def test_every_state_is_active_or_terminal_and_has_its_rows() -> None:
    assert ACTIVE | TERMINAL == set(RunStatus) == set(TRANSITIONS) == set(REASONS)
    assert not ACTIVE & TERMINAL


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_terminal_state_is_left_never(status: RunStatus) -> None:
    assert TRANSITIONS[status] == frozenset()


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_from_every_active_state_a_run_can_end(status: RunStatus) -> None:
    assert TRANSITIONS[status] & TERMINAL


def test_only_a_failure_or_a_cancel_carries_a_reason() -> None:
    assert REASONS[RunStatus.FINISHED] == {None}
    assert None not in REASONS[RunStatus.FAILED] | REASONS[RunStatus.KILLED]
