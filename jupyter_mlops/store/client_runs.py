"""Reading many runs at once as their clients see them: a few statements for each five hundred."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    bindparam,
    exists,
    func,
    or_,
    select,
)

from jupyter_mlops.domain.client_runs import ClientRun
from jupyter_mlops.domain.datasets import Lineage
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import lineage
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import (
    dataset_inputs,
    metric_series,
    parameters,
    run_models,
    runs,
    tags,
)

# For so many runs there are statements; a place in one that is not needed repeats the last run.
_SIZES = (1, 25, 100, 500)
_NAN = float("nan")
_NONE = Lineage()
_STATUSES = {each.value: each for each in RunStatus}


def start_of(rows: FromClause) -> ColumnElement[int]:
    """Return when a run began, for clients that know no queue; ``rows`` are those of ``runs``."""
    return func.coalesce(rows.c.started_at, rows.c.created_at)


started_at = start_of(runs)

_INFO = select(
    runs.c.seq,
    runs.c.run_id,
    runs.c.name,
    runs.c.experiment_id,
    runs.c.user,
    runs.c.status,
    runs.c.source_type,
    runs.c.notebook,
    runs.c.note,
    started_at,
    runs.c.ended_at,
    runs.c.deleted_at,
    # Few have lineage, and the others need not be asked for it.
    or_(
        exists().where(dataset_inputs.c.run == runs.c.seq),
        exists().where(run_models.c.run == runs.c.seq),
    ),
)
_ONE = Prepared(_INFO.where(runs.c.run_id == bindparam("of_run_id")))


class _Statements:
    """What is asked about up to ``size`` runs at once; each begins with the number of the run."""

    def __init__(self, size: int) -> None:
        self._names = [f"run{place}" for place in range(size)]
        self.info = Prepared(_INFO.where(self._among(runs.c.seq)))
        self.metrics = self._logged(metric_series, "value", "step", "timestamp")
        self.parameters = self._logged(parameters, "text")
        self.tags = self._logged(tags, "value")

    def values(self, seqs: Sequence[int]) -> dict[str, int]:
        """Return what is bound to the places."""
        return dict.fromkeys(self._names, seqs[-1]) | dict(zip(self._names, seqs, strict=False))

    def _logged(self, table: Table, *columns: str) -> Prepared:
        run, key = table.c.run, table.c.key
        statement = select(run, key, *(table.c[name] for name in columns))
        return Prepared(statement.where(self._among(run)).order_by(run, key))

    def _among(self, column: ColumnElement[int]) -> ColumnElement[bool]:
        return column.in_([bindparam(name) for name in self._names])


@cache
def _statements(size: int) -> _Statements:
    """Return the statements, made once: nearly every request goes through them."""
    return _Statements(size)


def get(connection: Connection, run_id: str) -> ClientRun:
    """Return one run; NotFound when there is none."""
    row = _find(connection, run_id)
    return _filled(connection, [row])[row[0]]


def info(connection: Connection, run_id: str) -> ClientRun:
    """Return one run without anything that was logged to it; NotFound when there is none."""
    return _run(_find(connection, run_id), _NONE)


def load(connection: Connection, seqs: Sequence[int]) -> list[ClientRun]:
    """Return the runs with these numbers, in their order."""
    found: dict[int, ClientRun] = {}
    for some in _chunks(seqs):
        statements = _for(len(some))
        rows = statements.info.rows(connection, statements.values(some))
        found |= _filled(connection, rows)
    return [found[seq] for seq in seqs]


def _find(connection: Connection, run_id: str) -> Sequence[Any]:
    rows = _ONE.rows(connection, {"of_run_id": run_id})
    if not rows:
        raise NotFound("There is no such run.")
    return rows[0]


def _filled(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[int, ClientRun]:
    """Return the runs of these rows by number, with all that was logged to them."""
    known = lineage.of_runs(connection, [row[0] for row in rows if row[-1]])
    found = {row[0]: _run(row, known.get(row[0], _NONE)) for row in rows}
    statements = _for(len(found))
    these = statements.values(list(found))
    for seq, key, value, step, timestamp in statements.metrics.rows(connection, these):
        known_value = _NAN if value is None else value
        found[seq].metrics.append(Point(key=key, value=known_value, step=step, timestamp=timestamp))
    for seq, key, text in statements.parameters.rows(connection, these):
        found[seq].parameters.append((key, text))
    for seq, key, value in statements.tags.rows(connection, these):
        found[seq].tags.append((key, value))
    return found


def _run(row: Sequence[Any], known: Lineage) -> ClientRun:
    (
        _,
        run_id,
        name,
        experiment_id,
        user,
        status,
        source_type,
        notebook,
        note,
        began_at,
        ended_at,
        deleted_at,
        _,
    ) = row
    return ClientRun(
        run_id=run_id,
        name=name,
        experiment_id=experiment_id,
        user=user,
        status=_STATUSES[status],
        source_type=source_type,
        notebook=notebook,
        note=note,
        started_at=began_at,
        ended_at=ended_at,
        deleted_at=deleted_at,
        metrics=[],
        parameters=[],
        tags=[],
        lineage=known,
    )


def _for(count: int) -> _Statements:
    return _statements(next(size for size in _SIZES if size >= count))


def _chunks(seqs: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(seqs), _SIZES[-1]):
        yield seqs[start : start + _SIZES[-1]]
