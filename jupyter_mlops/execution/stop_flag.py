"""The order to stop a run, handed from the worker's control thread to the engine."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

StopReason = Literal["cancelled", "time_limit", "memory_limit"]


class StopFlag:
    """Set at most once, by another thread than the one that obeys it.

    After it is set the engine has about 3 s to interrupt the kernel, give the cell its grace,
    mark it interrupted, save and return; then everything is killed.
    """

    def __init__(self) -> None:
        self._reason: StopReason | None = None
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []

    @property
    def reason(self) -> StopReason | None:
        """Why the run must stop; None while it may go on."""
        return self._reason

    def set(self, reason: StopReason) -> None:
        """Order the stop; the first reason stands."""
        with self._lock:
            if self._reason is not None:
                return
            self._reason = reason
            callbacks, self._callbacks = self._callbacks, []
        self._event.set()
        for callback in callbacks:
            callback()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the stop is ordered or ``timeout`` seconds passed; tell which."""
        return self._event.wait(timeout)

    def on_set(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once when the stop is ordered, in the thread that orders it.

        It must be quick and thread-safe, such as ``loop.call_soon_threadsafe``. If the stop was
        ordered before, it is called at once, in the caller's thread.
        """
        with self._lock:
            if self._reason is None:
                self._callbacks.append(callback)
                return
        callback()
