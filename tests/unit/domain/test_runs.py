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
    State,
    check_transition,
    may_follow,
)

S, R, F = RunStatus.SCHEDULED, RunStatus.RUNNING, RunStatus.FINISHED
FAILED, KILLED = RunStatus.FAILED, RunStatus.KILLED
FAILURES = set(Reason) - {Reason.CANCELLED}

ENDS = {(F, None), (KILLED, Reason.CANCELLED), *((FAILED, reason) for reason in FAILURES)}

# Written out, not computed from the table under test.
ALLOWED = {
    ((S, None), (R, None)),
    ((S, None), (KILLED, Reason.CANCELLED)),
    *(((S, None), (FAILED, reason)) for reason in FAILURES),
    *(((R, None), end) for end in ENDS),
    *(((FAILED, Reason.LOST), end) for end in ENDS - {(FAILED, Reason.LOST)}),
}
STATES = [(S, None), (R, None), *sorted(ENDS, key=str)]
EVERY = list(product(STATES, product(RunStatus, [None, *Reason])))


def case_id(state: State) -> str:
    return "-".join(part.value for part in state if part is not None)


def test_there_are_as_many_cases_as_states_and_reasons() -> None:
    assert len(EVERY) == 11 * 5 * 9


@pytest.mark.parametrize(("before", "after"), EVERY, ids=case_id)
def test_a_run_changes_only_along_the_table(before: State, after: State) -> None:
    assert may_follow(before, after) is ((before, after) in ALLOWED)
    if (before, after) in ALLOWED:
        check_transition(before, after)
    else:
        with pytest.raises(Conflict):
            check_transition(before, after)


def test_every_status_is_active_or_terminal_and_has_its_reasons() -> None:
    assert ACTIVE | TERMINAL == set(RunStatus) == set(REASONS)
    assert not ACTIVE & TERMINAL


@pytest.mark.parametrize("end", sorted(ENDS - {(FAILED, Reason.LOST)}, key=str), ids=case_id)
def test_an_end_that_is_no_assumption_is_left_never(end: State) -> None:
    assert end not in TRANSITIONS


def test_only_a_failure_or_a_cancel_carries_a_reason() -> None:
    assert REASONS[RunStatus.FINISHED] == {None}
    assert None not in REASONS[RunStatus.FAILED] | REASONS[RunStatus.KILLED]
