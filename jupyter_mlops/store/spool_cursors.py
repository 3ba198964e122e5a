"""Queries of spool cursors: how far each spool of a run is in the store, moved with its rows."""

from __future__ import annotations

from sqlalchemy import Connection, select

from jupyter_mlops.store import dialects
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import runs, spool_cursors


def get(connection: Connection, run_id: str) -> dict[str, int]:
    """Return the byte offset of each writer's spool; empty for a run that is not known yet."""
    rows = connection.execute(
        select(spool_cursors.c.writer, spool_cursors.c.position)
        .join(runs, runs.c.seq == spool_cursors.c.run)
        .where(runs.c.run_id == run_id)
    )
    return {row.writer: row.position for row in rows}


def put(connection: Connection, run_id: str, writer: str, offset: int) -> None:
    """Note that a spool is in the store up to byte ``offset``."""
    connection.execute(
        dialects.insert(connection, spool_cursors)
        .values(run=seq_of(connection, run_id), writer=writer, position=offset)
        .on_conflict_do_update(index_elements=["run", "writer"], set_={"position": offset})
    )
