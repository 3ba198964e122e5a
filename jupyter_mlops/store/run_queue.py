"""Queries of the queue: the runs that wait to be executed here, and what was said about it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from jupyter_mlops.store.tables import runs

# What a client keeps waits for nobody.
_WAITING = (runs.c.status == "SCHEDULED") & (runs.c.source_type != "client")


@dataclass(frozen=True)
class QueuedRun:
    """A run that waits, and what was said about its waiting; ``seq`` is its place in the order."""

    run_id: str
    seq: int
    message: str | None


def queued(connection: Connection, *, after: int = 0, limit: int | None = None) -> list[QueuedRun]:
    """Return the queued runs behind number ``after``, in the order of the queue."""
    rows = connection.execute(
        select(runs.c.run_id, runs.c.seq, runs.c.message)
        .where(_WAITING, runs.c.seq > after)
        .order_by(runs.c.seq)
        .limit(limit)
    )
    return [QueuedRun(*row) for row in rows]


def length(connection: Connection) -> int:
    """Return how many runs wait."""
    statement = select(func.count()).select_from(runs).where(_WAITING)
    return connection.scalar(statement) or 0


def say_waiting(connection: Connection, run_id: str, message: str | None) -> str | None:
    """Note why a queued run waits; return its user, None if it waits no more."""
    user: str | None = connection.scalar(
        update(runs)
        .where(runs.c.run_id == run_id, runs.c.status == "SCHEDULED")
        .values(message=message, version=runs.c.version + 1)
        .returning(runs.c.user)
    )
    return user
