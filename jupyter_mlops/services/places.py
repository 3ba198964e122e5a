"""Places: how many runs may be under way at once, counted over all processes of a home.

A run that is being started has its place by a lease: taken in the transaction that counts, so that
two processes never take the last one. Once it is recorded as RUNNING, its row counts instead. The
place of a process that is gone is free at once where that can be seen, else when its lease expires.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.services import owners
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.leadership import LEASE_MS
from jupyter_mlops.store import leases, runs
from jupyter_mlops.store.database import Database

_LOG = logging.getLogger(__name__)


class Places:
    """The places of a home, of which there are ``limit``.

    ``is_ours`` tells whether a run is of this home, ``has_begun`` whether one was launched.
    """

    def __init__(
        self,
        database: Database,
        origin: Origin,
        limit: int,
        is_ours: Callable[[Connection, str], bool],
        has_begun: Callable[[str], bool],
    ) -> None:
        self._database = database
        self._prefix = f"launch:{origin.home_id or ''}:"
        self._limit = limit
        self._is_ours = is_ours
        self._has_begun = has_begun
        self._owner = owners.new_owner()
        self._took = False

    def free(self) -> bool:
        """Tell whether there seems to be a place; only ``take`` is certain."""
        with self._database.read() as connection:
            return len(self._taken(connection)) < self._limit

    def take(self, run_id: str) -> bool:
        """Take a place for a run that is to be started; False when none is left, or it has one."""
        now = now_ms()
        name = self._prefix + run_id
        with self._database.write() as connection:
            leases.prune(connection, now)
            # It may have one of ours, from an attempt that failed.
            leases.release(connection, name, self._owner)
            taken = self._taken(connection)
            if run_id in taken or len(taken) >= self._limit:
                return False
            holder = leases.holder(connection, name, now)
            if holder is not None:
                # Of a process that is gone, and had not launched it.
                leases.release(connection, name, holder)
            self._took = True
            return leases.acquire(connection, name, self._owner, now, LEASE_MS)

    def keep(self, under_way: Iterable[str]) -> None:
        """Renew the places of runs that are still being started."""
        names = [self._prefix + run_id for run_id in under_way]
        if names:
            with self._database.write() as connection:
                leases.extend(connection, names, self._owner, now_ms() + LEASE_MS)

    def leave(self) -> None:
        """Give all places back; what did not start in time may start elsewhere."""
        if not self._took:
            return
        try:
            with self._database.write(clean_up=True) as connection:
                leases.release_all(connection, self._prefix, self._owner)
        except MlopsError as error:
            _LOG.warning("places of runs are left to expire: %s", error.message)

    def _taken(self, connection: Connection) -> set[str]:
        """Return the runs that have a place: those under way, and those that are being started."""
        taken = {
            state.run_id
            for state in runs.running(connection)
            if state.source_type == "notebook" and self._is_ours(connection, state.run_id)
        }
        for name, owner in leases.held_beneath(connection, self._prefix, now_ms(), LEASE_MS):
            run_id = name.removeprefix(self._prefix)
            state = runs.find(connection, run_id)
            waits = state is not None and state.status is RunStatus.SCHEDULED
            if waits and (not owners.is_gone(owner) or self._has_begun(run_id)):
                taken.add(run_id)
        return taken
