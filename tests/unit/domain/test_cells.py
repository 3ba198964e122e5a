from __future__ import annotations

from itertools import product

import pytest

from jupyter_mlops.domain.cells import ENDED, TRANSITIONS, CellState, may_follow

P, R = CellState.PENDING, CellState.RUNNING
C, F, X = CellState.COMPLETED, CellState.FAILED, CellState.INTERRUPTED

# Written out, not computed from the table under test.
ALLOWED = {(P, R), (P, C), (P, F), (P, X), (R, C), (R, F), (R, X)}


@pytest.mark.parametrize(("before", "after"), list(product(CellState, repeat=2)))
def test_a_cell_changes_only_along_the_table(before: CellState, after: CellState) -> None:
    assert may_follow(before, after) is ((before, after) in ALLOWED)


@pytest.mark.parametrize("state", CellState)
def test_a_cell_of_which_nothing_is_known_may_be_in_any_state(state: CellState) -> None:
    assert may_follow(None, state)


def test_what_has_ended_stays_as_it_is() -> None:
    assert ENDED == {C, F, X} == set(CellState) - set(TRANSITIONS)
