"""Leadership: the leases by which processes that share a store divide their work.

One process of each home dispatches: it takes in what runs report and ends them. One process of each
home and Python environment launches the queued runs that were meant for that environment. A lease
for each run with secrets tells that a process still holds them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.services import owners
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.store import leases
from jupyter_mlops.store.database import Database

LEASE_MS = 8_000
RENEW_SECONDS = 2.0

_LOG = logging.getLogger(__name__)


class Leadership:
    """What this process may do now. Belongs to the thread that calls ``renew``.

    ``also`` renews what else has to be renewed so often, in the same transaction.
    """

    def __init__(
        self,
        database: Database,
        origin: Origin,
        secrets: SecretKeeper,
        also: Callable[[Connection], None],
    ) -> None:
        self._database = database
        self._origin = origin
        self._secrets = secrets
        self._also = also
        self._owner = owners.new_owner()
        self._renewed = float("-inf")
        self._leading = False
        self._launching = False

    @property
    def leading(self) -> bool:
        """Whether this process takes in and ends the runs of its home."""
        return self._leading and self._is_fresh()

    @property
    def launching(self) -> bool:
        """Whether this process launches what was queued for its environment."""
        return self._launching and self._is_fresh()

    def _is_fresh(self) -> bool:
        """Tell whether the leases hold; a process that was paused finds that they may not."""
        return time.monotonic() - self._renewed < LEASE_MS / 1000

    def renew(self) -> bool:
        """Keep or contend for the leases when it is time to; True when it was."""
        now = time.monotonic()
        if now - self._renewed < RENEW_SECONDS:
            return False
        with self._database.write() as connection:
            self._leading = self._take(connection, dispatcher_lease(self._origin))
            self._launching = self._take(connection, launcher_lease(self._origin))
            for run_id in self._secrets.run_ids():
                self._take(connection, secret_lease(run_id))
            self._also(connection)
        self._renewed = now
        return True

    def _take(self, connection: Connection, name: str) -> bool:
        now = now_ms()
        holder = leases.holder(connection, name, now)
        if holder is not None and owners.is_gone(holder):
            leases.release(connection, name, holder)
        return leases.acquire(connection, name, self._owner, now, LEASE_MS)

    def release(self) -> None:
        """Give the leases back, so that others need not wait until they expire."""
        if self._leading or self._launching:
            try:
                with self._database.write(clean_up=True) as connection:
                    leases.release(connection, dispatcher_lease(self._origin), self._owner)
                    leases.release(connection, launcher_lease(self._origin), self._owner)
            except MlopsError as error:
                _LOG.warning("leases are left to expire: %s", error.message)
        self._leading = self._launching = False


def dispatcher_lease(origin: Origin) -> str:
    """Return the name of the lease on taking in and ending the runs of a home."""
    return "dispatcher" if origin.home_id is None else f"dispatcher:{origin.home_id}"


def launcher_lease(origin: Origin) -> str:
    """Return the name of the lease on launching what was queued for an environment of a home."""
    return f"launcher:{origin.home_id or ''}:{origin.environment}"


def secret_lease(run_id: str) -> str:
    """Return the name of the lease that tells that a run's secrets are held; it has no value."""
    return f"secrets:{run_id}"
