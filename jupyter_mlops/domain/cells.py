"""The record of each cell of a run: state, duration, error."""

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
