"""Status: what the panel asks first of an open store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.domain.server_status import ServerStatus
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, runs
from jupyter_mlops.store.database import Database

if TYPE_CHECKING:
    from jupyter_mlops.services.dispatcher import Dispatcher


def ready(
    actor: Actor, version: str, database: Database, dispatcher: Dispatcher, concurrency: int
) -> ServerStatus:
    """Return the status of an open store and its queue."""
    require(actor, "read", "mlops:server")
    with database.read() as connection:
        seq = events.last_seq(connection)
        states = [state.status for state in runs.active(connection)]
    return ServerStatus(
        version=version,
        state="read_only" if database.read_only else "ready",
        message=database.read_only_reason,
        user=actor.user,
        seq=seq,
        dispatching=dispatcher.leading,
        concurrency=concurrency,
        scheduled=states.count(RunStatus.SCHEDULED),
        running=states.count(RunStatus.RUNNING),
    )
