"""What counts as activity, so that a hub does not cull a server: changes, and active runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from tornado.ioloop import PeriodicCallback

KEY = "jupyter_mlops"
INTERVAL_SECONDS = 60.0
# Reading is what a panel does all day by itself; only changes show that somebody is there.
READING = frozenset({"GET", "HEAD"})


class RunActivity:
    """Refreshes the server's time of last activity while ``active_runs()`` is not zero."""

    def __init__(self, settings: dict[str, Any], active_runs: Callable[[], int]) -> None:
        self._times: dict[str, datetime] = settings["last_activity_times"]
        self._active_runs = active_runs
        self._timer = PeriodicCallback(self.refresh, INTERVAL_SECONDS * 1_000)

    def start(self) -> None:
        """Begin to look every minute; the cullers' own intervals are longer."""
        self._timer.start()

    def stop(self) -> None:
        """Stop looking."""
        self._timer.stop()

    def refresh(self) -> None:
        """Record activity now if a run is queued or running."""
        if self._active_runs():
            self._times[KEY] = datetime.now(timezone.utc)
