"""Housekeeping: once an hour, apart from all that waits: the day's backup, and what may go goes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.domain.errors import MlopsError, StoreDamaged
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.store.database import Database

EVERY_SECONDS = 3_600.0
# Not at once: a server that starts has better things to do, and one that ends soon may skip it.
FIRST_SECONDS = 60.0
# Between two small steps, so that whoever else works in this process or on this disk comes first.
PAUSE_SECONDS = 0.02
# A disk on which a backup takes longer has better things to do.
BACKUP_SECONDS = 120.0
DAY_MS = 86_400_000

_LOG = logging.getLogger(__name__)


class Housekeeping:
    """Backs up the store daily, empties the trash of old runs and collects bytes that no row names.

    It does so where ``leads`` says so, so that one of several processes does.

    ``trash_days`` is how long a run stays in the trash; 0 keeps it there.
    """

    def __init__(
        self,
        database: Database,
        trash: TrashService,
        collector: Collector,
        trash_days: int,
        leads: Callable[[], bool],
    ) -> None:
        self._database = database
        self._trash = trash
        self._collector = collector
        self._trash_days = trash_days
        self._leads = leads
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="mlops-housekeeping", daemon=True)

    def start(self) -> None:
        """Begin to keep house in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step under way."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def _loop(self) -> None:
        pause = FIRST_SECONDS
        while not self._stop.wait(pause):
            # One that begins to lead keeps house within a minute.
            pause = EVERY_SECONDS if self._leads() else FIRST_SECONDS
            if pause == EVERY_SECONDS:
                self._try_round()

    def _try_round(self) -> None:
        try:
            self.round()
        except MlopsError as error:
            _LOG.warning("housekeeping waits an hour: %s", error.message)
        except Exception as error:  # noqa: BLE001 - the reason follows
            # Nobody waits for this thread; what it met must be seen, and the next hour tries again.
            log_fault(_LOG, "housekeeping failed; trying again in an hour", error)

    def round(self) -> None:
        """Back up, then collect, then purge what is too long in the trash."""
        self._back_up()
        gone = self._collector.collect(self._trash.named, self._interrupted)
        if gone:
            _LOG.info("removed %d stored files that no run names any more", gone)
        if self._trash_days:
            self._expire(now_ms() - self._trash_days * DAY_MS)

    def _back_up(self) -> None:
        give_up = time.monotonic() + BACKUP_SECONDS
        try:
            made = self._database.daily_backup(
                lambda: self._stop.is_set() or time.monotonic() > give_up
            )
        except StoreDamaged:
            # Nothing is removed on the word of a damaged store.
            raise
        except MlopsError as error:
            if not self._stop.is_set():
                _LOG.warning("there is no backup of the day yet: %s", error.message)
        else:
            if made is not None:
                _LOG.info("backed up the store: %s", made.name)

    def _expire(self, deleted_by: int) -> None:
        while not self._interrupted():
            purged = self._trash.expire(deleted_by)
            if purged.runs == 0:
                return
            _LOG.info("deleted %d runs for good that were long in the trash", purged.runs)

    def _interrupted(self) -> bool:
        return self._stop.wait(PAUSE_SECONDS)
