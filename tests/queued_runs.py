"""Which runs are queued, as the tests of the store ask it."""

from __future__ import annotations

from sqlalchemy import Connection

from jupyter_mlops.store import run_queue


def queued_ids(connection: Connection) -> list[str]:
    """Return the ids of the queued runs in the order of the queue."""
    return [queued.run_id for queued in run_queue.queued(connection)]
