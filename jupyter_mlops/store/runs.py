"""Queries that change a run, and the small row by which the dispatcher knows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, select, update

from jupyter_mlops.domain.errors import Conflict, NotFound, Stale
from jupyter_mlops.domain.runs import ACTIVE, Reason, RunStatus, SourceType, check_transition
from jupyter_mlops.store import dialects, run_texts
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import follow_experiment, seq_of
from jupyter_mlops.store.run_pages import get, page
from jupyter_mlops.store.tables import run_specs, runs

__all__ = [
    "NewRunRow",
    "RunState",
    "active",
    "change",
    "end",
    "find",
    "get",
    "insert",
    "log_digest",
    "page",
    "request_cancel",
    "restore",
    "running",
    "set_copy_name",
    "set_digests",
    "set_progress",
    "spec",
    "start",
    "trash",
]

_ACTIVE = sorted(status.value for status in ACTIVE)
# What a client keeps is no concern of who executes runs.
_OURS = runs.c.source_type != "client"


@dataclass(frozen=True)
class NewRunRow:
    """What is known of a run when it is made; ``spec`` are its orders, as JSON.

    ``kernel_token`` is the number of the token with which a client opens it.
    """

    run_id: str
    experiment_id: int
    name: str
    source_type: SourceType
    notebook: str | None
    user: str
    kernel_name: str | None
    time_limit: float | None
    save_to: str | None
    rerun_of: str | None
    source_digest: str | None
    created_at: int
    status: RunStatus
    spec: bytes | None
    autolog: bool = False
    kernel_token: int | None = None
    started_at: int | None = None


@dataclass(frozen=True)
class RunState:
    """The small row of a run: what services decide by."""

    run_id: str
    seq: int
    experiment_id: int
    name: str
    status: RunStatus
    reason: Reason | None
    source_type: SourceType
    notebook: str | None
    user: str
    created_at: int
    started_at: int | None
    deleted_at: int | None
    cancel_requested: bool
    version: int

    @property
    def executed_here(self) -> bool:
        """Whether this side finds out how the run ends; a client says so of its own runs."""
        return self.source_type != "client"


_STATE = (
    runs.c.run_id,
    runs.c.seq,
    runs.c.experiment_id,
    runs.c.name,
    runs.c.status,
    runs.c.reason,
    runs.c.source_type,
    runs.c.notebook,
    runs.c.user,
    runs.c.created_at,
    runs.c.started_at,
    runs.c.deleted_at,
    runs.c.cancel_requested,
    runs.c.version,
)
_STATE_NAMES = [column.name for column in _STATE]


# Made once: nearly every change looks at its run first.
_FIND = Prepared(select(*_STATE).where(runs.c.run_id == bindparam("of_run_id")))
_CHANGE = update(runs).where(runs.c.seq == bindparam("of_run")).values(version=runs.c.version + 1)
_TRASH = _CHANGE.values(deleted_at=func.coalesce(runs.c.deleted_at, bindparam("at")))


_OF_NEW = [field.name for field in fields(NewRunRow) if field.name != "spec"]


def _state(row: Sequence[Any]) -> RunState:
    known = dict(zip(_STATE_NAMES, row, strict=True))
    known["status"] = RunStatus(known["status"])
    known["reason"] = None if known["reason"] is None else Reason(known["reason"])
    known["cancel_requested"] = bool(known["cancel_requested"])
    return RunState(**known)


def insert(connection: Connection, row: NewRunRow) -> None:
    """Make a run; Conflict when its id exists."""
    values = {name: getattr(row, name) for name in _OF_NEW} | {"status": row.status.value}
    made = _INSERT.rows(connection, {f"new_{name}": value for name, value in values.items()})
    if not made:
        raise Conflict("There is a run of this id already.", field="run_id")
    seq = int(made[0][0])
    if row.spec is not None:
        connection.execute(run_specs.insert().values(run=seq, spec=row.spec))
    run_texts.refresh(connection, seq)


def _inserting(dialect: str) -> Executable:
    fresh = dialects.of_dialect(dialect, runs)
    fresh = fresh.values({name: bindparam(f"new_{name}") for name in _OF_NEW})
    return fresh.on_conflict_do_nothing(index_elements=["run_id"]).returning(runs.c.seq)


_INSERT = Prepared(_inserting)


def find(connection: Connection, run_id: str) -> RunState | None:
    """Return the small row of a run, or None."""
    for row in _FIND.rows(connection, {"of_run_id": run_id}):
        return _state(row)
    return None


def active(connection: Connection) -> list[RunState]:
    """Return the runs that are queued or running, oldest first."""
    rows = connection.execute(
        select(*_STATE).where(runs.c.status.in_(_ACTIVE), _OURS).order_by(runs.c.seq)
    )
    return [_state(row) for row in rows]


def any_executed(connection: Connection, experiment_id: int) -> bool:
    """Tell whether runs of an experiment wait or are under way here."""
    going = select(runs.c.seq).where(
        runs.c.experiment_id == experiment_id, runs.c.status.in_(_ACTIVE), _OURS
    )
    return connection.execute(going.limit(1)).first() is not None


def running(connection: Connection) -> list[RunState]:
    """Return the runs that are under way, oldest first."""
    rows = connection.execute(
        select(*_STATE).where(runs.c.status == "RUNNING", _OURS).order_by(runs.c.seq)
    )
    return [_state(row) for row in rows]


def count(connection: Connection) -> int:
    """Return how many runs the store holds, those in the trash too."""
    return connection.scalar(select(func.count()).select_from(runs)) or 0


def spec(connection: Connection, run_id: str) -> bytes | None:
    """Return the orders of a run as they were given to ``insert``, or None."""
    found = connection.scalar(
        select(run_specs.c.spec)
        .join(runs, runs.c.seq == run_specs.c.run)
        .where(runs.c.run_id == run_id)
    )
    return None if found is None else bytes(found)


def start(connection: Connection, run_id: str, at: int) -> None:
    """Mark a queued run as running since ``at`` (milliseconds); Conflict if it is not queued."""
    state = _present(find(connection, run_id))
    check_transition((state.status, state.reason), (RunStatus.RUNNING, None))
    _update(connection, state.seq, status="RUNNING", started_at=at, message=None)


def end(
    connection: Connection,
    run_id: str,
    *,
    status: RunStatus,
    reason: Reason | None,
    message: str | None,
    ended_at: int,
    duration_ms: int | None = None,
    cpu_seconds: float | None = None,
    peak_memory_bytes: int | None = None,
    failing_cell: int | None = None,
    secrets_masked: int = 0,
) -> None:
    """End a run; Conflict if the state machine has no such step. A known failing cell stays."""
    state = _present(find(connection, run_id))
    check_transition((state.status, state.reason), (status, reason))
    values: dict[str, Any] = {} if failing_cell is None else {"failing_cell": failing_cell}
    _update(
        connection,
        state.seq,
        status=status.value,
        reason=None if reason is None else reason.value,
        message=message,
        ended_at=ended_at,
        duration_ms=duration_ms,
        cpu_seconds=cpu_seconds,
        peak_memory_bytes=peak_memory_bytes,
        secrets_masked=secrets_masked,
        current_cell=None,
        **values,
    )


def report(
    connection: Connection,
    run_id: str,
    *,
    status: RunStatus,
    reason: Reason | None,
    ended_at: int | None,
) -> None:
    """Note what a client says of its own run, which may go from any state to any other."""
    state = _present(find(connection, run_id))
    going = status in ACTIVE
    took = None
    if not going and ended_at is not None and state.started_at is not None:
        took = max(0, ended_at - state.started_at)
    _update(
        connection,
        state.seq,
        status=status.value,
        reason=None if reason is None else reason.value,
        ended_at=None if going else ended_at,
        duration_ms=took,
    )


def request_cancel(connection: Connection, run_id: str) -> None:
    """Note that somebody asked for the run to stop."""
    _update(connection, seq_of(connection, run_id), cancel_requested=True)


def change(
    connection: Connection,
    run_id: str,
    *,
    name: str | None = None,
    note: str | None = None,
    experiment_id: int | None = None,
    expected_version: int | None = None,
) -> None:
    """Change what a user may change; Stale when the run is not at ``expected_version`` any more."""
    state = _present(find(connection, run_id))
    if expected_version is not None and expected_version != state.version:
        raise Stale("The run was changed meanwhile; load it again and repeat the change.")
    given = {"name": name, "note": note, "experiment_id": experiment_id}
    _update(connection, state.seq, **{k: v for k, v in given.items() if v is not None})
    if experiment_id is not None:
        follow_experiment(connection, state.seq, experiment_id)
    if name is not None:
        run_texts.refresh(connection, state.seq)


def trash(connection: Connection, run_id: str, at: int) -> None:
    """Move a run to the trash; one that is there keeps its time."""
    seq = seq_of(connection, run_id)
    connection.execute(_TRASH, {"of_run": seq, "at": at})


def restore(connection: Connection, run_id: str) -> None:
    """Take a run out of the trash."""
    _update(connection, seq_of(connection, run_id), deleted_at=None)


def set_digests(
    connection: Connection,
    run_id: str,
    *,
    source: str | None = None,
    executed: str | None = None,
    log: str | None = None,
) -> None:
    """Note the bytes of the notebooks and the log; what is not given stays."""
    given = {"source_digest": source, "executed_digest": executed, "log_digest": log}
    values = {name: digest for name, digest in given.items() if digest is not None}
    if values:
        _update(connection, seq_of(connection, run_id), **values)


def set_copy_name(connection: Connection, run_id: str, name: str) -> None:
    """Note under which name the copy of the executed notebook was written."""
    path = connection.scalar(select(runs.c.save_to).where(runs.c.run_id == run_id))
    if path is not None and PurePosixPath(path).name != name:
        renamed = str(PurePosixPath(path).with_name(name))
        _update(connection, seq_of(connection, run_id), save_to=renamed)


def log_digest(connection: Connection, run_id: str) -> str | None:
    """Return the digest of the stored log, None while there is none."""
    return connection.scalar(select(runs.c.log_digest).where(runs.c.run_id == run_id))


def set_progress(
    connection: Connection,
    run_id: str,
    *,
    cells_total: int | None = None,
    current_cell: int | None = None,
    failing_cell: int | None = None,
) -> None:
    """Note how far a run is; what is not given stays. The version stays too: nobody edited it."""
    given = {
        "cells_total": cells_total,
        "current_cell": current_cell,
        "failing_cell": failing_cell,
    }
    values = {name: value for name, value in given.items() if value is not None}
    if values:
        connection.execute(
            update(runs).where(runs.c.seq == seq_of(connection, run_id)).values(values)
        )


def _update(connection: Connection, seq: int, **values: Any) -> None:
    new = {f"new_{name}": value for name, value in values.items()}
    _changing(tuple(values)).change(connection, {"of_run": seq, **new})


@cache
def _changing(columns: tuple[str, ...]) -> Prepared:
    """Return the change of these columns, made once: there are few such sets."""
    return Prepared(_CHANGE.values({name: bindparam(f"new_{name}") for name in columns}))


def _present(state: RunState | None) -> RunState:
    if state is None:
        raise NotFound("There is no such run.")
    return state
