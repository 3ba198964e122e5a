"""The sign of life of a worker: the time of one file, set every second."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_mlops.execution.run_directory import RunDirectory

INTERVAL_SECONDS = 1.0


def start_heartbeat(run: RunDirectory) -> None:
    """Beat from a daemon thread until the process ends."""
    threading.Thread(target=_beat, args=(run,), name="heartbeat", daemon=True).start()


def _beat(run: RunDirectory) -> None:
    pause = threading.Event()
    while True:
        # A full or vanished disk must not end the run; the file just stays old.
        with suppress(OSError):
            run.beat()
        pause.wait(INTERVAL_SECONDS)
