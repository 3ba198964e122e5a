"""Changes: tells a host that something was committed, by whichever process shares the store."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.store import events
from jupyter_mlops.store.database import Database

POLL_SECONDS = 0.1

_LOG = logging.getLogger(__name__)


class ChangeWatcher:
    """Polls a counter that costs next to nothing and calls ``on_change(seq)`` after commits."""

    def __init__(self, database: Database, on_change: Callable[[int], None]) -> None:
        self._database = database
        self._on_change = on_change
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="mlops-changes", daemon=True)

    def start(self) -> None:
        """Begin to watch in a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _loop(self) -> None:
        counter, seq = -1, -1
        told: type[BaseException] | None = None
        while not self._stop.wait(POLL_SECONDS):
            try:
                now = self._database.change_counter()
                if now == counter:
                    continue
                with self._database.read() as connection:
                    last = events.last_seq(connection)
                if last != seq:
                    self._on_change(last)
                    seq = last
                counter = now
            except MlopsError as error:
                _LOG.debug("change watcher waits: %s", error.message)
            except Exception as error:  # noqa: BLE001 - the reason follows
                # Nobody waits for this thread, and without it no panel hears of changes any more.
                if told is not type(error):
                    log_fault(_LOG, "looking for changes failed; trying again", error)
                told = type(error)
