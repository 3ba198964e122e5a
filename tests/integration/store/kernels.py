"""Kernels whose tokens are tested: their clock, what they opened, and how it is with that."""

from __future__ import annotations

import time
from collections.abc import Callable

from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.domain.errors import Unauthenticated
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import Run
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.store import events, runs
from jupyter_mlops.store.database import Database

OLIVE = owner("olive")
HOUR_MS = 3_600_000


class Clock:
    """The clocks of a server, which a test may set forward."""

    def __init__(self) -> None:
        self._ahead_ms = 0
        self._asleep_ms = 0

    def now(self) -> int:
        return now_ms() + self._ahead_ms + self._asleep_ms

    def awake(self) -> float:
        return time.monotonic() + self._ahead_ms / 1_000

    def pass_by(self, hours: int = 0, *, seconds: float = 0) -> None:
        self._ahead_ms += hours * HOUR_MS + int(seconds * 1_000)

    def sleep(self, hours: int) -> None:
        """Let time pass while the machine sleeps."""
        self._asleep_ms += hours * HOUR_MS

    def server(self, database: Database) -> KernelTokenService:
        return KernelTokenService(database, None, self.now, self.awake)


def open_run(database: Database, new_run: Callable[..., str], actor: Actor) -> str:
    """Open a run as a client with the token of a kernel does."""
    assert actor.kernel is not None
    run_id = new_run(source_type="client", kernel_token=actor.kernel.seq)
    with database.write() as connection:
        runs.start(connection, run_id, 2_000)
    return run_id


def run_of(database: Database, run_id: str) -> Run:
    with database.read() as connection:
        return runs.get(connection, run_id)


def ends_told(database: Database, run_id: str) -> int:
    with database.read() as connection:
        page = events.after(connection, 0, 1_000).events
    return sum(each.type is EventType.RUN_ENDED and each.subject == run_id for each in page)


def refused(tokens: KernelTokenService, token: str) -> bool:
    try:
        tokens.resolve(token)
    except Unauthenticated:
        return True
    return False
