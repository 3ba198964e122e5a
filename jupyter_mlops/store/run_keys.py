"""The number of a run: child rows point at it, because it is a quarter the size of a run id."""

from __future__ import annotations

from sqlalchemy import Connection, select

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.store.tables import runs


def seq_of(connection: Connection, run_id: str) -> int:
    """Return the number of a run; NotFound when there is none."""
    seq = connection.scalar(select(runs.c.seq).where(runs.c.run_id == run_id))
    if seq is None:
        raise NotFound("There is no such run.")
    return int(seq)
