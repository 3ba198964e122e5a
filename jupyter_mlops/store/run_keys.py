"""The number of a run: child rows point at it, because it is a quarter the size of a run id."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.store.tables import metric_series, parameters, runs, tags


def seq_of(connection: Connection, run_id: str) -> int:
    """Return the number of a run; NotFound when there is none."""
    seq = connection.scalar(select(runs.c.seq).where(runs.c.run_id == run_id))
    if seq is None:
        raise NotFound("There is no such run.")
    return int(seq)


def place_of(connection: Connection, run_id: str) -> tuple[int, int]:
    """Return the number of a run and of its experiment; NotFound when there is none."""
    row = connection.execute(
        select(runs.c.seq, runs.c.experiment_id).where(runs.c.run_id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such run.")
    return int(row.seq), int(row.experiment_id)


def follow_experiment(connection: Connection, run: int, experiment: int) -> None:
    """Take the rows that are searched by experiment along, when a run moves to another one."""
    for table in (parameters, tags, metric_series):
        connection.execute(update(table).where(table.c.run == run).values(experiment=experiment))
