"""From spool records to rows: what each kind of record means for the run it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

from sqlalchemy import Connection

from jupyter_mlops.domain import names, spool
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.cells import Cell, CellState
from jupyter_mlops.domain.errors import Conflict, InvalidName
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.metrics import Point, from_wire
from jupyter_mlops.domain.runs import TAG_MAX_CHARS, Parameter
from jupyter_mlops.store import (
    artifacts,
    cells,
    environments,
    events,
    metrics,
    run_limits,
    runs,
    tags,
)
from jupyter_mlops.store import parameters as parameter_rows

PARAMETER_MAX_CHARS = 6_000
# Room for one more on both sides of what 64 bits hold.
_STEP_MAX = 2**63 - 2
_STEP_MIN = -(2**63)
# What the tag of lost records holds, unless the run wrote something else there itself.
_COUNT = re.compile(r"[0-9]{1,15}")
_TYPES = {bool: "bool", int: "int", float: "float", str: "str", list: "list", dict: "dict"}


class RecordWriter:
    """Applies the records of one batch inside one transaction; ``finish`` writes what was gathered.

    ``staged`` are the artifacts whose bytes are in the content store, by staged file name. A
    record with an impossible key is dropped: its writer was told when it logged it. What a run has
    no room for is dropped too; a tag of the run tells of it. One that can be taken in never again
    is counted, and does not keep what follows it waiting.
    """

    def __init__(self, connection: Connection, run_id: str, staged: Mapping[str, Artifact]) -> None:
        self._connection = connection
        self._run_id = run_id
        self._staged = staged
        self._points: list[Point] = []
        self._logged_parameters: list[Parameter] = []
        self._set_tags: dict[str, str] = {}
        # Of each metric: the step that follows what is stored, and what was given in this batch.
        self._next_steps: dict[str, int] = {}
        self._behind_given: dict[str, int] = {}
        self._over_limit: set[str] = set()
        self._logged = False
        self._progressed = False
        self._refused = 0

    def apply(self, record: spool.Record, *, from_worker: bool) -> None:
        """Apply one record; only the worker of a run may tell the course of its cells."""
        if isinstance(record, self._OF_WORKER):
            if not from_worker:
                return
            self._progressed = True
        else:
            self._logged = True
        apply = self._BY_TYPE.get(type(record))
        if apply is not None:
            apply(self, record)

    def finish(self, user: str, damaged: int) -> None:
        """Write the gathered points and counts, and one event for each kind of change."""
        fitting = self._fitting("metrics", [point.key for point in self._points])
        points = [point for point in self._points if point.key in fitting]
        metrics.append(self._connection, self._run_id, points)
        fitting = self._fitting("parameters", [item.key for item in self._logged_parameters])
        logged = [item for item in self._logged_parameters if item.key in fitting]
        parameter_rows.insert(self._connection, self._run_id, logged)
        fitting = self._fitting("tags", self._set_tags)
        self._set_tags = {key: self._set_tags[key] for key in self._set_tags if key in fitting}
        for kind in self._over_limit:
            told = f"Only the first {run_limits.MAXIMUM[kind]} are kept."
            self._set_tags[f"mlops.over_limit.{kind}"] = told
        self._count_damaged(damaged + self._refused)
        tags.set_all(self._connection, self._run_id, self._set_tags)
        if self._logged:
            events.append(self._connection, EventType.RUN_LOGGED, self._run_id, user)
        if self._progressed:
            events.append(self._connection, EventType.RUN_PROGRESSED, self._run_id, user)

    def _count_damaged(self, damaged: int) -> None:
        """Add to the tag that tells how many records of the run are lost."""
        if not damaged:
            return
        before = tags.find(self._connection, self._run_id, tags.DAMAGED_RECORDS) or ""
        known = int(before) if _COUNT.fullmatch(before) else 0
        self._set_tags[tags.DAMAGED_RECORDS] = str(known + damaged)
        self._logged = True

    def _fitting(self, kind: str, names: Collection[str]) -> set[str]:
        """Return those of the names that the run has room for, and note when some were not."""
        if not names:
            return set()
        fitting = run_limits.fitting(self._connection, self._run_id, kind, names)
        if not fitting.issuperset(names):
            self._over_limit.add(kind)
        return fitting

    def _metrics(self, record: spool.MetricsLogged) -> None:
        points = {key: value for key, value in record.m.items() if _is_key(key)}
        if record.s is None:
            new = [key for key in points if key not in self._next_steps]
            self._next_steps |= metrics.next_steps(self._connection, self._run_id, new)
        for key, value in points.items():
            step = self._step(key, record.s)
            self._points.append(
                Point(key=key, value=from_wire(value), step=step, timestamp=record.ts)
            )

    def _step(self, key: str, given: int | None) -> int:
        behind = self._behind_given.get(key, _STEP_MIN)
        step = max(self._next_steps[key], behind) if given is None else given
        step = max(_STEP_MIN, min(step, _STEP_MAX))
        if given is None:
            self._next_steps[key] = step + 1
        else:
            self._behind_given[key] = max(behind, step + 1)
        return step

    def _parameters(self, record: spool.ParametersLogged) -> None:
        self._logged_parameters += [
            Parameter(
                key=key,
                value=value[:PARAMETER_MAX_CHARS] if isinstance(value, str) else value,
                type=_TYPES.get(type(value), "none"),
                secret=False,
                origin="logged",
            )
            for key, value in record.p.items()
            if _is_key(key)
        ]

    def _tags(self, record: spool.TagsSet) -> None:
        for key, value in record.g.items():
            if _is_key(key):
                self._set_tags[key] = value[:TAG_MAX_CHARS]

    def _artifact(self, record: spool.ArtifactStaged) -> None:
        if record.file not in self._staged or not self._fitting("files", [record.path]):
            return
        try:
            artifacts.put(self._connection, self._run_id, self._staged[record.file])
        except Conflict:
            # The run was taken for lost and goes on: what it had logged then is evidence.
            self._refused += 1

    def _started(self, record: spool.RunStarted) -> None:
        runs.set_progress(self._connection, self._run_id, cells_total=record.cells_total)

    def _cell(self, record: spool.CellChanged) -> None:
        if not cells.upsert(self._connection, self._run_id, _cell(record)):
            return
        if record.state is CellState.RUNNING:
            runs.set_progress(self._connection, self._run_id, current_cell=record.index)
        elif record.state is CellState.FAILED:
            runs.set_progress(self._connection, self._run_id, failing_cell=record.index)

    def _environment(self, record: spool.EnvironmentCaptured) -> None:
        environments.put(self._connection, self._run_id, record.environment)

    _OF_WORKER = (spool.RunStarted, spool.CellChanged, spool.NotebookSaved)
    _BY_TYPE: ClassVar[dict[type, Callable[[RecordWriter, Any], None]]] = {
        spool.MetricsLogged: _metrics,
        spool.ParametersLogged: _parameters,
        spool.TagsSet: _tags,
        spool.ArtifactStaged: _artifact,
        spool.RunStarted: _started,
        spool.CellChanged: _cell,
        spool.EnvironmentCaptured: _environment,
    }


def _cell(record: spool.CellChanged) -> Cell:
    started = record.ts if record.duration_ms is None else max(0, record.ts - record.duration_ms)
    return Cell(
        index=record.index,
        cell_id=record.cell_id,
        state=record.state,
        started_at=started,
        duration_ms=record.duration_ms,
        error_name=record.error_name,
        error_value=record.error_value,
    )


def _is_key(text: str) -> bool:
    try:
        names.key(text)
    except InvalidName:
        return False
    return True
