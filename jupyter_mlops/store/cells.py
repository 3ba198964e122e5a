"""Queries of the cells of a run."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from jupyter_mlops.domain.cells import ENDED, Cell, CellState, may_follow
from jupyter_mlops.store import dialects
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import cells, runs

# What one answer holds; a notebook of more code cells is not run.
CELLS_MAX = 10_000


def upsert(connection: Connection, run_id: str, cell: Cell) -> bool:
    """Write the state of one cell over what was known of it, and count the cells that are done.

    False for a state that may not follow the known one: nothing changes then.
    """
    run = seq_of(connection, run_id)
    known = connection.scalar(
        select(cells.c.state).where(cells.c.run == run, cells.c.position == cell.index)
    )
    if not may_follow(None if known is None else CellState(known), cell.state):
        return False
    values = {
        "cell_id": cell.cell_id,
        "state": cell.state.value,
        "started_at": cell.started_at,
        "duration_ms": cell.duration_ms,
        "error_name": cell.error_name,
        "error_value": cell.error_value,
    }
    statement = dialects.insert(connection, cells).values(run=run, position=cell.index, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["run", "position"], set_=values)
    )
    if cell.state in ENDED:
        connection.execute(
            update(runs).where(runs.c.seq == run).values(cells_done=runs.c.cells_done + 1)
        )
    return True


def for_run(connection: Connection, run_id: str) -> list[Cell]:
    """Return the known cells of a run in notebook order, at most ``CELLS_MAX``."""
    rows = connection.execute(
        select(cells)
        .where(cells.c.run == seq_of(connection, run_id))
        .order_by(cells.c.position)
        .limit(CELLS_MAX)
    )
    return [
        Cell(
            index=row.position,
            cell_id=row.cell_id,
            state=CellState(row.state),
            started_at=row.started_at,
            duration_ms=row.duration_ms,
            error_name=row.error_name,
            error_value=row.error_value,
        )
        for row in rows
    ]
