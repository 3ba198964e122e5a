"""Supervision: cancels are passed on, and a reaper that ends its run too late is ended with it.

A reaper that was stopped or frozen lives and does nothing; its run must not go on for ever.
"""

from __future__ import annotations

import logging
import math
import time

import msgspec

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.runs import Reason
from jupyter_mlops.execution.executor import Executor

# From a cancel, or the end of the time limit, to the result: a reaper gives its worker and kernel 12 s
# at most, and takes up to 10 s to kill what is left.
PATIENCE_SECONDS = 25.0

_LOG = logging.getLogger(__name__)


class Supervision:
    """What a run's reaper was told, and when it must have ended the run, by the monotonic clock."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._cancelled: dict[str, float] = {}
        self._told: set[str] = set()
        self._ends_by: dict[str, float] = {}
        self._overdue: dict[str, Reason] = {}

    def cancel(self, run_id: str) -> None:
        """Tell the reaper of a cancelled run; it is told again until the disk takes it."""
        if run_id in self._told:
            return
        if self._executor.cancel(run_id):
            self._told.add(run_id)
        elif run_id not in self._cancelled:
            _LOG.warning("run %s: its folder cannot be written to, to pass on a cancel", run_id)
        self._cancelled.setdefault(run_id, time.monotonic())

    def cancelled(self, run_id: str) -> bool:
        """Tell whether the reaper was told of a cancel."""
        return run_id in self._told

    def overdue(self, run_id: str, *, alive: bool) -> Reason | None:
        """Return why a run must be ended from here, once its reaper, being ``alive``, is too late."""
        if alive and run_id not in self._overdue:
            reason = self._reason(run_id)
            if reason is not None and self._executor.is_here(run_id):
                self._overdue[run_id] = reason
        return self._overdue.get(run_id)

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that has ended."""
        self._told.discard(run_id)
        for remembered in (self._cancelled, self._ends_by, self._overdue):
            remembered.pop(run_id, None)

    def _reason(self, run_id: str) -> Reason | None:
        now = time.monotonic()
        if now > self._cancelled.get(run_id, math.inf) + PATIENCE_SECONDS:
            return Reason.CANCELLED
        if run_id not in self._ends_by:
            try:
                self._ends_by[run_id] = self._end_of(run_id, now) + PATIENCE_SECONDS
            except (MlopsError, OSError, msgspec.DecodeError):
                return None  # asked again at the next look
        return Reason.TIME_LIMIT if now > self._ends_by[run_id] else None

    def _end_of(self, run_id: str, now: float) -> float:
        """Return when the time limit of a run is over, however often servers came and went since."""
        run = self._executor.directory(run_id)
        limit = run.read_spec().time_limit
        if limit is None:
            return math.inf
        reaper = run.read_reaper()
        # It began before we saw it, whatever is written there.
        begun = now if reaper is None or reaper.begun is None else min(reaper.begun, now)
        return begun + limit
