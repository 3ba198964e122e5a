"""Queries of artifacts: which path of a run names which bytes (security row S14)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.runs import ACTIVE, RunStatus
from jupyter_mlops.store import dialects
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import artifacts, runs


def put(connection: Connection, run_id: str, artifact: Artifact) -> None:
    """Let a path of a run name bytes that are already in the content store.

    The path may come to name other bytes while the run is active; afterwards it is evidence and
    a different digest is a Conflict.
    """
    run = seq_of(connection, run_id)
    values = {
        "digest": artifact.digest,
        "size": artifact.size,
        "media_type": artifact.media_type,
        "preview": artifact.preview,
        "created_at": artifact.created_at,
    }
    known = connection.scalar(
        select(artifacts.c.digest).where(artifacts.c.run == run, artifacts.c.path == artifact.path)
    )
    if known == artifact.digest:
        return
    if known is not None:
        status = connection.scalar(select(runs.c.status).where(runs.c.seq == run))
        if RunStatus(status) not in ACTIVE:
            raise Conflict("The files of a run that has ended do not change.", field="path")
    connection.execute(
        dialects.insert(connection, artifacts)
        .values(run=run, path=artifact.path, **values)
        .on_conflict_do_update(index_elements=["run", "path"], set_=values)
    )


def get(connection: Connection, run_id: str, path: str) -> Artifact:
    """Return one artifact of a run; NotFound when the path names none."""
    row = connection.execute(
        select(artifacts).where(
            artifacts.c.run == seq_of(connection, run_id), artifacts.c.path == path
        )
    ).one_or_none()
    if row is None:
        raise NotFound("This run has no such file.")
    return _artifact(row)


def for_run(connection: Connection, run_id: str) -> list[Artifact]:
    """Return the artifacts of a run by path."""
    rows = connection.execute(
        select(artifacts)
        .where(artifacts.c.run == seq_of(connection, run_id))
        .order_by(artifacts.c.path)
    )
    return [_artifact(row) for row in rows]


def named(connection: Connection, digests: Collection[str]) -> set[str]:
    """Return those of the digests that any run, in the trash or not, still names."""
    asked = list(digests)
    found = set(connection.scalars(select(artifacts.c.digest).where(artifacts.c.digest.in_(asked))))
    # These have no index, which each run would pay for: one pass over the runs looks at all three.
    columns = (runs.c.source_digest, runs.c.executed_digest, runs.c.log_digest)
    for row in connection.execute(
        select(*columns).where(or_(*(column.in_(asked) for column in columns)))
    ):
        found.update(row)
    return found.intersection(asked)


def _artifact(row: Row[Any]) -> Artifact:
    return Artifact(
        path=row.path,
        digest=row.digest,
        size=row.size,
        media_type=row.media_type,
        preview=row.preview,
        created_at=row.created_at,
    )
