"""The record of each cell of a run: its states and their order, duration, error."""

from __future__ import annotations

from enum import Enum

import msgspec


class CellState(str, Enum):
    """What became of a cell; ``interrupted`` covers cancel, time limit and a dead kernel."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


ENDED = frozenset({CellState.COMPLETED, CellState.FAILED, CellState.INTERRUPTED})

# What may follow; a state that is not here is final. A state may be passed over, for a damaged record
# is skipped; what is told twice, or too late, changes nothing.
TRANSITIONS: dict[CellState, frozenset[CellState]] = {
    CellState.PENDING: ENDED | {CellState.RUNNING},
    CellState.RUNNING: ENDED,
}


def may_follow(before: CellState | None, after: CellState) -> bool:
    """Tell whether a cell of which ``before`` is known (None: nothing) may be in ``after`` now."""
    return before is None or after in TRANSITIONS.get(before, ())


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One code cell; ``index`` counts all cells of the executed notebook from 0."""

    index: int
    cell_id: str | None
    state: CellState
    started_at: int | None
    duration_ms: int | None
    error_name: str | None
    error_value: str | None


class CellList(msgspec.Struct, frozen=True, kw_only=True):
    """The code cells of a run in notebook order."""

    cells: list[Cell]
