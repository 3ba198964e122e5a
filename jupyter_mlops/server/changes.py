"""Changes of the store reach browsers as one Jupyter event, at most four times a second."""

from __future__ import annotations

import asyncio
from importlib.resources import files

from jupyter_events import EventLogger

SCHEMA_ID = "https://events.jupyter.org/jupyter_mlops/changed/v1"
INTERVAL_SECONDS = 0.25


def announce(logger: EventLogger) -> None:
    """Make the event known: who subscribes before that never hears of it."""
    if SCHEMA_ID not in logger.schemas:
        schema = files("jupyter_mlops.server").joinpath("events/changed.yaml")
        logger.register_event_schema(schema.read_text(encoding="utf-8"))


class ChangeSignal:
    """Tells every subscriber of this server that there is something new to ask for."""

    def __init__(self, logger: EventLogger) -> None:
        self._logger = logger
        self._loop = asyncio.get_running_loop()
        self._last_sent = -INTERVAL_SECONDS
        self._seq = -1
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    def notify(self, seq: int) -> None:
        """Say that ``seq`` was committed; may be called from any thread."""
        if not self._closed:
            self._loop.call_soon_threadsafe(self._note, seq)

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _note(self, seq: int) -> None:
        self._seq = max(self._seq, seq)
        if self._timer is None and not self._closed:
            due = max(self._loop.time(), self._last_sent + INTERVAL_SECONDS)
            self._timer = self._loop.call_at(due, self._send)

    def _send(self) -> None:
        self._timer = None
        self._last_sent = self._loop.time()
        self._logger.emit(schema_id=SCHEMA_ID, data={"seq": self._seq})
