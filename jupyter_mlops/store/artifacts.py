"""Queries of artifacts: which path of a run names which bytes (security row S14)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, exists, or_, select, true

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.file_places import InRun
from jupyter_mlops.domain.runs import ACTIVE, RunStatus
from jupyter_mlops.store import dialects, model_versions
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import artifacts, logged_model_artifacts, runs

_KEYS = ("run", "path")
_NAMED = ("digest", "size", "media_type", "preview", "created_at")
_COLUMNS = ("path", *_NAMED)
_ROWS = select(*(artifacts.c[name] for name in _COLUMNS))


def _putting(dialect: str) -> Executable:
    statement = dialects.upsert_in(dialect, artifacts, _KEYS, _NAMED)
    return statement.values({name: bindparam(f"new_{name}") for name in (*_KEYS, *_NAMED)})


# Made once: every file goes through them. What the run is like and what the path names come together.
_AT = (artifacts.c.run == runs.c.seq) & (artifacts.c.path == bindparam("at_path"))
_WITH_RUN = (
    select(runs.c.seq).outerjoin(artifacts, _AT).where(runs.c.run_id == bindparam("of_run_id"))
)
_HOLDER = Prepared(_WITH_RUN.add_columns(runs.c.status, runs.c.deleted_at, artifacts.c.digest))
_ARTIFACT = Prepared(_WITH_RUN.add_columns(*(artifacts.c[name] for name in _COLUMNS)))
_PUT = Prepared(_putting)


@dataclass(frozen=True)
class Holder:
    """A run as the holder of one path: its number, its state, and the digest that the path names."""

    run: int
    active: bool
    deleted: bool
    digest: str | None


def holder(connection: Connection, run_id: str, path: str) -> Holder:
    """Return what a run and a path of it are like; NotFound when there is no such run."""
    for run, status, deleted_at, digest in _HOLDER.rows(
        connection, {"of_run_id": run_id, "at_path": path}
    ):
        return Holder(run, RunStatus(status) in ACTIVE, deleted_at is not None, digest)
    raise NotFound("There is no such run.")


def put(
    connection: Connection, run_id: str, artifact: Artifact, held: Holder | None = None
) -> bool:
    """Let a path of a run name bytes that are already in the content store; tell if that is new.

    The path may come to name other bytes while the run is active; afterwards, and once a model
    version is made of it, it is evidence and a different digest is a Conflict. Whoever has looked
    at the holder of the path in this transaction gives it.
    """
    held = held or holder(connection, run_id, artifact.path)
    if held.digest == artifact.digest:
        return False
    if held.digest is not None:
        if not held.active:
            raise Conflict("The files of a run that has ended do not change.", field="path")
        _check_unregistered(connection, run_id, artifact.path)
    values = {f"new_{name}": getattr(artifact, name) for name in _COLUMNS}
    _PUT.change(connection, {"new_run": held.run, **values})
    return True


def get(connection: Connection, run_id: str, path: str) -> Artifact:
    """Return one artifact of a run; NotFound when the path names none."""
    rows = _ARTIFACT.rows(connection, {"of_run_id": run_id, "at_path": path})
    if not rows:
        raise NotFound("There is no such run.")
    _, *found = rows[0]
    if found[0] is None:
        raise NotFound("This run has no such file.")
    return _artifact(found)


def for_run(connection: Connection, run_id: str) -> list[Artifact]:
    """Return the artifacts of a run by path."""
    rows = connection.execute(
        _ROWS.where(artifacts.c.run == seq_of(connection, run_id)).order_by(artifacts.c.path)
    )
    return [_artifact(row) for row in rows]


def folder(connection: Connection, run_id: str, path: str) -> list[Artifact]:
    """Return the artifacts of a run below a folder (all of them for ``""``), by path."""
    statement = _ROWS.where(artifacts.c.run == seq_of(connection, run_id))
    if path:
        # "0" comes right behind "/": a range of the primary key.
        statement = statement.where(artifacts.c.path > f"{path}/", artifacts.c.path < f"{path}0")
    rows = connection.execute(statement.order_by(artifacts.c.path))
    return [_artifact(row) for row in rows]


def remove(connection: Connection, run_id: str, path: str) -> set[str]:
    """Remove a file of an active run, or all below a folder; return the digests they named.

    Conflict when any of it is part of a model version.
    """
    run = seq_of(connection, run_id)
    status = connection.scalar(select(runs.c.status).where(runs.c.seq == run))
    if RunStatus(status) not in ACTIVE:
        raise Conflict("The files of a run that has ended do not change.", field="path")
    _check_unregistered(connection, run_id, path)
    inside = (artifacts.c.path > f"{path}/") & (artifacts.c.path < f"{path}0")
    gone = delete(artifacts).where(
        artifacts.c.run == run, (artifacts.c.path == path) | inside | (path == "")
    )
    return set(connection.scalars(gone.returning(artifacts.c.digest)))


def any_at(connection: Connection, run_id: str, path: str) -> bool:
    """Tell whether a run has a file of this path, or any below it; ``""`` is any at all."""
    inside = (artifacts.c.path > f"{path}/") & (artifacts.c.path < f"{path}0")
    there = exists().where(
        artifacts.c.run == seq_of(connection, run_id),
        true() if not path else (artifacts.c.path == path) | inside,
    )
    return bool(connection.scalar(select(there)))


def _check_unregistered(connection: Connection, run_id: str, path: str) -> None:
    if model_versions.hold(connection, InRun(run_id, path)):
        raise Conflict("The files of a model version do not change.", field="path")


def named(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return those of the digests that any run or logged model, deleted or not, still names."""
    asked = list(digests)
    found: set[str] = set()
    for table in (artifacts, logged_model_artifacts):
        found.update(connection.scalars(select(table.c.digest).where(table.c.digest.in_(asked))))
    # These have no index, which each run would pay for: one pass over the runs looks at all three.
    columns = (runs.c.source_digest, runs.c.executed_digest, runs.c.log_digest)
    for row in connection.execute(
        select(*columns).where(or_(*(column.in_(asked) for column in columns)))
    ):
        found.update(row)
    return found.intersection(asked)


def _artifact(row: Sequence[Any]) -> Artifact:
    return Artifact(**dict(zip(_COLUMNS, row, strict=True)))
