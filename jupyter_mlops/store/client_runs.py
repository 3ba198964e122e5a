"""Reading many runs at once as their clients see them, in a few statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
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
from jupyter_mlops.store.among import Among
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import (
    dataset_inputs,
    metric_series,
    parameters,
    run_models,
    runs,
    tags,
)

_NAN = float("nan")
_NONE = Lineage()
_NO_TEXTS: Mapping[str, str] = {}
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


_SOME = Among(lambda places: _INFO.where(runs.c.seq.in_(places)))


def _logged(table: Table, *columns: str) -> Among:
    """Return what finds what was logged to some runs; a row begins with the number of the run."""
    run, key = table.c.run, table.c.key
    statement = select(run, key, *(table.c[name] for name in columns)).order_by(run, key)
    return Among(lambda places: statement.where(run.in_(places)))


class _Texts:
    """The texts that were logged to runs, those of each in the order of their keys."""

    def __init__(self, table: Table, column: str) -> None:
        run, key = table.c.run, table.c.key
        # SQLite reads them in the order of the primary key: by run, then by key.
        objects = select(run, func.json_group_object(key, table.c[column])).group_by(run)
        self._objects = Among(lambda places: objects.where(run.in_(places)))
        self._rows = _logged(table, column)

    def of_runs(self, connection: Connection, seqs: Sequence[int]) -> Mapping[int, dict[str, str]]:
        """Return the texts by the number of the run, of those that have any."""
        if connection.dialect.name == "sqlite":
            # A row for each text would take the driver twice as long.
            return {seq: _read(texts) for seq, texts in self._objects.rows(connection, seqs)}
        found: dict[int, dict[str, str]] = {}
        for seq, key, text in self._rows.rows(connection, seqs):
            found.setdefault(seq, {})[key] = text
        return found


_METRICS = _logged(metric_series, "value", "step", "timestamp")
_PARAMETERS = _Texts(parameters, "text")
_TAGS = _Texts(tags, "value")
_read = msgspec.json.Decoder(dict[str, str]).decode


def get(connection: Connection, run_id: str) -> ClientRun:
    """Return one run; NotFound when there is none."""
    row = _find(connection, run_id)
    return _filled(connection, [row])[row[0]]


def info(connection: Connection, run_id: str) -> ClientRun:
    """Return one run without anything that was logged to it; NotFound when there is none."""
    return _run(_find(connection, run_id), _NONE)


def load(connection: Connection, seqs: Sequence[int]) -> list[ClientRun]:
    """Return the runs with these numbers, in their order."""
    found = _filled(connection, _SOME.rows(connection, seqs))
    return [found[seq] for seq in seqs]


def _find(connection: Connection, run_id: str) -> Sequence[Any]:
    rows = _ONE.rows(connection, {"of_run_id": run_id})
    if not rows:
        raise NotFound("There is no such run.")
    return rows[0]


def _filled(connection: Connection, rows: Sequence[Sequence[Any]]) -> dict[int, ClientRun]:
    """Return the runs of these rows by number, with all that was logged to them."""
    known = lineage.of_runs(connection, [row[0] for row in rows if row[-1]])
    logged: dict[int, list[Point]] = {row[0]: [] for row in rows}
    seqs = list(logged)
    for seq, key, value, step, timestamp in _METRICS.rows(connection, seqs):
        known_value = _NAN if value is None else value
        logged[seq].append(Point(key=key, value=known_value, step=step, timestamp=timestamp))
    given = _PARAMETERS.of_runs(connection, seqs)
    said = _TAGS.of_runs(connection, seqs)
    return {
        row[0]: _run(
            row,
            known.get(row[0], _NONE),
            logged[row[0]],
            given.get(row[0], _NO_TEXTS),
            said.get(row[0], _NO_TEXTS),
        )
        for row in rows
    }


def _run(
    row: Sequence[Any],
    known: Lineage,
    logged: Sequence[Point] = (),
    given: Mapping[str, str] = _NO_TEXTS,
    said: Mapping[str, str] = _NO_TEXTS,
) -> ClientRun:
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
        metrics=logged,
        parameters=given,
        tags=said,
        lineage=known,
    )
