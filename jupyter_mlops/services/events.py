"""Events: the committed facts after a cursor."""

from __future__ import annotations

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.events import EventPage
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events
from jupyter_mlops.store.database import Database


class EventService:
    """Reads the event log."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, actor: Actor, seq: int, limit: int) -> EventPage:
        """Return at most ``limit`` events whose ``seq`` is greater than the given one."""
        require(actor, "read", "mlops:runs")
        with self._database.read() as connection:
            return events.after(connection, seq, limit)
