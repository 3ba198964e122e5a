"""The queue: which of the runs that wait may start here, in their order, and why others wait.

A run starts only in the Python environment that it was meant for: the kernels of another one differ
though they have the same name. A run with secrets starts only where these are held.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from jupyter_mlops.domain.errors import Conflict
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_spec import Origin, RunSpec
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.leadership import (
    LEASE_MS,
    Leadership,
    launcher_lease,
    secret_lease,
)
from jupyter_mlops.services.origins import Origins
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import secret_keys, spec_from
from jupyter_mlops.store import events, leases, run_queue, runs
from jupyter_mlops.store.database import Database

PAGE = 50
# So many messages are written in one transaction.
TOLD_MAX = 100

_TOLD_OF_LOSS = (
    "Secret lost: the server that held it stopped before the run could start. "
    "Run it again and give the secret again."
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Need:
    """What decides where a queued run may start."""

    environment: str | None
    secret: bool
    created_at: int
    user: str


class Queue:
    """Reads the orders of each queued run once, and looks at what waits for others now and then.

    ``has_begun`` tells of a run whether it was launched, though that is not recorded yet. ``refuse``
    ends a run (its id and user) that can never start, with a message.
    """

    def __init__(
        self,
        database: Database,
        origin: Origin,
        secrets: SecretKeeper,
        leadership: Leadership,
        has_begun: Callable[[str], bool],
        refuse: Callable[[str, str, str], None],
    ) -> None:
        self._database = database
        self._origin = origin
        self._origins = Origins(origin)
        self._secrets = secrets
        self._leadership = leadership
        self._has_begun = has_begun
        self._refuse = refuse
        # None for orders that another version wrote and this one cannot read.
        self._needs: dict[str, _Need | None] = {}
        self._seen_to = 0
        self._length = 0
        self._stranded = 0

    def is_ours(self, connection: Connection, run_id: str) -> bool:
        """Tell whether a run belongs to this home."""
        return self._origins.is_ours(connection, run_id)

    def length(self, connection: Connection) -> int:
        """Return how many runs of this home wait for a server that is there.

        Where homes share a store this is how many there were at the last review.
        """
        alone = self._origin.home_id is None
        length = run_queue.length(connection) if alone else self._length
        return max(0, length - self._stranded)

    def next(self, under_way: Container[str]) -> RunSpec | None:
        """Return the first run that may start here and is not ``under_way`` already.

        Runs that were passed over are not looked at again until the next ``review``.
        """
        while True:
            with self._database.read() as connection:
                page = run_queue.queued(connection, after=self._seen_to, limit=PAGE)
                for queued in page:
                    self._seen_to = queued.seq
                    if queued.run_id in under_way or not self._is_for_us(connection, queued.run_id):
                        continue
                    spec = self._spec(connection, queued.run_id)
                    if spec is not None:
                        return spec
            if not page:
                return None

    def rewind(self) -> None:
        """Begin again at the first run: one that was returned could not be started yet."""
        self._seen_to = 0

    def review(self) -> None:
        """Look at the whole queue again: leases moved, servers came and went."""
        self._seen_to = 0
        with self._database.read() as connection:
            queue = [
                queued
                for queued in run_queue.queued(connection)
                if self._origins.is_ours(connection, queued.run_id)
            ]
            self._needs = {queued.run_id: self._need(connection, queued.run_id) for queued in queue}
            live = leases.live(connection, now_ms())
        messages = {queued.run_id: self._waits_for(queued.run_id, live) for queued in queue}
        self._length = len(queue)
        self._stranded = sum(message is not None for message in messages.values())
        if self._leadership.leading:
            self._refuse_without_secret(live)
            self._tell(queue, messages)

    def _is_for_us(self, connection: Connection, run_id: str) -> bool:
        if not self._origins.is_ours(connection, run_id):
            return False
        need = self._need(connection, run_id)
        if need is None:
            return False
        if need.secret:
            return self._secrets.holds(run_id)
        if need.environment is None:
            return self._leadership.leading
        return need.environment == self._origin.environment and self._leadership.launching

    def _need(self, connection: Connection, run_id: str) -> _Need | None:
        if run_id not in self._needs:
            spec = self._spec(connection, run_id)
            self._needs[run_id] = None if spec is None else _need(spec)
        return self._needs[run_id]

    def _spec(self, connection: Connection, run_id: str) -> RunSpec | None:
        """Return the orders of a queued run; None, told once, for what cannot be understood."""
        data = runs.spec(connection, run_id)
        try:
            return None if data is None else spec_from(data)
        except (msgspec.DecodeError, Conflict):
            _LOG.warning("run %s was queued by another version; cancel it", run_id)
            return None

    def _refuse_without_secret(self, live: set[str]) -> None:
        for run_id, need in self._needs.items():
            if (
                need is not None
                and need.secret
                and not self._secrets.holds(run_id)
                and _is_settled(need)
                and secret_lease(run_id) not in live
                # Its server may have been killed before it could record the start.
                and not self._has_begun(run_id)
            ):
                self._refuse(run_id, need.user, _TOLD_OF_LOSS)

    def _tell(self, queue: list[run_queue.QueuedRun], messages: Mapping[str, str | None]) -> None:
        """Say of each run whether it waits for a server that is not there."""
        wrong = [queued.run_id for queued in queue if queued.message != messages[queued.run_id]]
        if not wrong:
            return
        with self._database.write() as connection:
            for run_id in wrong[:TOLD_MAX]:
                user = run_queue.say_waiting(connection, run_id, messages[run_id])
                if user is not None:
                    events.append(connection, EventType.RUN_CHANGED, run_id, user)

    def _waits_for(self, run_id: str, live: set[str]) -> str | None:
        need = self._needs[run_id]
        if need is None or need.secret or need.environment is None or not _is_settled(need):
            return None
        origin = Origin(home_id=self._origin.home_id, environment=need.environment)
        if launcher_lease(origin) in live:
            return None
        # Enough to know it by: where it lies is nobody else's business (security row S10).
        name = "/".join(Path(need.environment).parts[-2:])
        return (
            f"Waits for a server in the Python environment {name}, in which it was queued. "
            "Start Jupyter there, or cancel the run."
        )


def _need(spec: RunSpec) -> _Need:
    return _Need(
        environment=None if spec.origin is None else spec.origin.environment,
        secret=bool(secret_keys(spec)),
        created_at=spec.created_at,
        user=spec.user,
    )


def _is_settled(need: _Need) -> bool:
    """Tell whether a run has waited so long that who took it must hold its lease by now."""
    return now_ms() - need.created_at >= LEASE_MS
