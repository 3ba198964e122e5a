"""Reading many runs at once as their clients see them: a few statements for each five hundred."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from jupyter_mlops.domain.client_runs import ClientRun
from jupyter_mlops.domain.datasets import Lineage
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import lineage
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import metric_series, parameters, runs, tags

_RUNS_IN_STATEMENT = 500
_NAN = float("nan")
_NONE = Lineage()

# When a run began, for clients that know no queue.
started_at = func.coalesce(runs.c.started_at, runs.c.created_at)

# Made once: a search goes through all of them for each page.
_SEQS: BindParameter[int] = bindparam("seqs", expanding=True)
_RUNS = select(
    runs.c.seq,
    runs.c.run_id,
    runs.c.name,
    runs.c.experiment_id,
    runs.c.user,
    runs.c.status,
    runs.c.source_type,
    runs.c.notebook,
    runs.c.note,
    started_at.label("began_at"),
    runs.c.ended_at,
    runs.c.deleted_at,
).where(runs.c.seq.in_(_SEQS))
_METRICS = (
    select(
        metric_series.c.run,
        metric_series.c.key,
        metric_series.c.value,
        metric_series.c.step,
        metric_series.c.timestamp,
    )
    .where(metric_series.c.run.in_(_SEQS))
    .order_by(metric_series.c.run, metric_series.c.key)
)
_PARAMETERS = (
    select(parameters.c.run, parameters.c.key, parameters.c.text)
    .where(parameters.c.run.in_(_SEQS))
    .order_by(parameters.c.run, parameters.c.key)
)
_TAGS = (
    select(tags.c.run, tags.c.key, tags.c.value)
    .where(tags.c.run.in_(_SEQS))
    .order_by(tags.c.run, tags.c.key)
)


def get(connection: Connection, run_id: str) -> ClientRun:
    """Return one run; NotFound when there is none."""
    return load(connection, [seq_of(connection, run_id)])[0]


def info(connection: Connection, run_id: str) -> ClientRun:
    """Return one run without anything that was logged to it; NotFound when there is none."""
    seq = seq_of(connection, run_id)
    return _runs(connection, [seq], {})[seq]


def load(connection: Connection, seqs: Sequence[int]) -> list[ClientRun]:
    """Return the runs with these numbers, in their order."""
    found: dict[int, ClientRun] = {}
    for some in _chunks(seqs):
        found |= _runs(connection, some, lineage.of_runs(connection, some))
        these = {"seqs": some}
        for seq, key, value, step, timestamp in connection.execute(_METRICS, these).all():
            known = _NAN if value is None else value
            found[seq].metrics.append(Point(key=key, value=known, step=step, timestamp=timestamp))
        for seq, key, text in connection.execute(_PARAMETERS, these).all():
            found[seq].parameters.append((key, text))
        for seq, key, value in connection.execute(_TAGS, these).all():
            found[seq].tags.append((key, value))
    return [found[seq] for seq in seqs]


def _runs(
    connection: Connection, seqs: Sequence[int], known: Mapping[int, Lineage]
) -> dict[int, ClientRun]:
    rows = connection.execute(_RUNS, {"seqs": seqs}).all()
    return {
        row.seq: ClientRun(
            run_id=row.run_id,
            name=row.name,
            experiment_id=row.experiment_id,
            user=row.user,
            status=RunStatus(row.status),
            source_type=row.source_type,
            notebook=row.notebook,
            note=row.note,
            started_at=row.began_at,
            ended_at=row.ended_at,
            deleted_at=row.deleted_at,
            metrics=[],
            parameters=[],
            tags=[],
            lineage=known.get(row.seq, _NONE),
        )
        for row in rows
    }


def _chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(seqs), _RUNS_IN_STATEMENT):
        yield seqs[start : start + _RUNS_IN_STATEMENT]
