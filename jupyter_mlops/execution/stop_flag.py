"""The order to stop a run, handed from the worker's control thread to the engine."""

from __future__ import annotations

from typing import Literal

StopReason = Literal["cancelled", "time_limit", "memory_limit"]


class StopFlag:
    """Set by one thread, looked at by the one that obeys it; the first reason stands.

    After it is set the engine has about 3 s to interrupt the kernel, give the cell its grace,
    mark it interrupted, save and return; then everything is killed.
    """

    def __init__(self) -> None:
        self._reason: StopReason | None = None

    @property
    def reason(self) -> StopReason | None:
        """Why the run must stop; None while it may go on."""
        return self._reason

    def set(self, reason: StopReason) -> None:
        """Order the stop."""
        self._reason = self._reason or reason
