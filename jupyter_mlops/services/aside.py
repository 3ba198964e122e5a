"""Aside: long work on files is done in a thread, while the dispatcher sees to what cannot wait."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from jupyter_mlops.domain.errors import MlopsError

PULSE_SECONDS = 0.5

_LOG = logging.getLogger(__name__)
T = TypeVar("T")


class Aside:
    """Has one piece of work done at a time; ``pulse`` is called twice a second while it lasts."""

    def __init__(self, pulse: Callable[[], None]) -> None:
        self._pulse = pulse
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mlops-files")

    def do(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, or raise what it raises."""
        future = self._pool.submit(work)
        while not wait([future], PULSE_SECONDS).done:
            try:
                self._pulse()
            except MlopsError as error:
                # It is tried again soon, and the work does not depend on it.
                _LOG.debug("dispatching waits: %s", error.message)
        return future.result()

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False)
