"""Aside: a run with a large file is attended to in a thread of its own, and all others go on.

That thread does everything for the run, from the bytes to the commit, and the dispatcher passes it
over meanwhile. Whatever is cut short there is done again by the next one who attends to the run.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

# What is smaller is stored faster than it is handed over.
LARGE_BYTES = 1 << 20
# After a failure: the disk may be full, or the store away.
RETRY_SECONDS = 1.0
# How long work that is nearly done may still take when the server stops.
PATIENCE_SECONDS = 2.0


class Lengthy(Exception):
    """A run has a large file, and its work must be done aside."""


class Aside:
    """Attends to one run after the other.

    ``attend`` is called with its id and tells whether all went well, ``done`` after that.
    """

    def __init__(self, attend: Callable[[str], bool], done: Callable[[], None]) -> None:
        self._attend = attend
        self._done = done
        self._orders: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._under_way: set[str] = set()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def under_way(self) -> frozenset[str]:
        """The runs that are attended to here, or will be."""
        return frozenset(self._under_way.copy())

    def admit(self, size: int) -> None:
        """Let a file of so many bytes be stored by the calling thread, or raise Lengthy."""
        if size > LARGE_BYTES and threading.current_thread() is not self._thread:
            raise Lengthy

    def begin(self, run_id: str) -> None:
        """Have a run attended to soon; returns at once."""
        self._under_way.add(run_id)
        self._orders.put(run_id)
        if self._thread is None:
            # A daemon: a host that ends need not wait until a file is copied.
            self._thread = threading.Thread(target=self._loop, name="mlops-files", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Begin nothing more; what takes longer than a moment is left to the next server."""
        self._stopping.set()
        if self._thread is not None:
            self._orders.put(None)
            self._thread.join(PATIENCE_SECONDS)

    def _loop(self) -> None:
        while (run_id := self._orders.get()) is not None:
            well = not self._stopping.is_set() and self._attend(run_id)
            if not well:
                self._stopping.wait(RETRY_SECONDS)
            self._under_way.discard(run_id)
            if well:
                self._done()
