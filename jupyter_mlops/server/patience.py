"""How long a client that sends something is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Patience:
    """Calls ``give_up`` when nothing comes for so many seconds while it waits."""

    def __init__(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._seconds = seconds
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._until: float | None = None

    def wait(self) -> None:
        """Begin to wait anew."""
        self._until = self._loop.time() + self._seconds
        # One timer for all that comes: another one for each piece would take longer than the piece.
        if self._timer is None:
            self._timer = self._loop.call_at(self._until, self._look)

    def rest(self) -> None:
        """Wait for nobody, for now."""
        self._until = None

    def end(self) -> None:
        """Wait for nobody any more."""
        self.rest()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        if self._until is not None and self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._look)
        elif self._until is not None:
            self._give_up()
