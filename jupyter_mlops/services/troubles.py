"""Troubles: runs that could not be attended to are tried again, less and less often."""

from __future__ import annotations

import time
from dataclasses import dataclass

# The disk may be full for a moment only: the state of a run is told within ten seconds.
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0


@dataclass
class _Trouble:
    pause: float
    until: float


class Troubles:
    """Remembers of each troubled run when it is its turn again."""

    def __init__(self) -> None:
        self._runs: dict[str, _Trouble] = {}

    def pauses(self, run_id: str) -> bool:
        """Tell whether a run has to be left alone for now."""
        trouble = self._runs.get(run_id)
        return trouble is not None and time.monotonic() < trouble.until

    def note(self, run_id: str) -> bool:
        """Note that a run could not be attended to; true when that is new."""
        known = self._runs.get(run_id)
        pause = FIRST_PAUSE_SECONDS if known is None else known.pause * 2
        pause = min(pause, LONGEST_PAUSE_SECONDS)
        self._runs[run_id] = _Trouble(pause, time.monotonic() + pause)
        return known is None

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that could be attended to."""
        self._runs.pop(run_id, None)
