"""The number of a run: child rows point at it, because it is a quarter the size of a run id."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import metric_series, parameters, runs, tags

# Made once: nearly every request goes through it.
_PLACE = Prepared(
    select(runs.c.seq, runs.c.experiment_id).where(runs.c.run_id == bindparam("of_run_id"))
)


def seq_of(connection: Connection, run_id: str) -> int:
    """Return the number of a run; NotFound when there is none."""
    return place_of(connection, run_id)[0]


def place_of(connection: Connection, run_id: str) -> tuple[int, int]:
    """Return the number of a run and of its experiment; NotFound when there is none."""
    for seq, experiment in _PLACE.rows(connection, {"of_run_id": run_id}):
        return seq, experiment
    raise NotFound("There is no such run.")


def follow_experiment(connection: Connection, run: int, experiment: int) -> None:
    """Take the rows that are searched by experiment along, when a run moves to another one."""
    for table in (parameters, tags, metric_series):
        connection.execute(update(table).where(table.c.run == run).values(experiment=experiment))
