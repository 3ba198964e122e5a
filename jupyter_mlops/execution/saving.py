"""Saving the executed notebook: atomic, and never more than a twentieth of the run's time."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from jupyter_mlops.domain.spool import NotebookSaved

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_mlops.execution.executed_notebook import ExecutedNotebook
    from jupyter_mlops.execution.spool_writer import SpoolWriter

INTERVAL_SECONDS = 1.0
SHARE_OF_TIME = 0.05
# A large notebook is written (and read by whoever watches) at this rate on average, no faster.
BYTES_PER_SECOND = 4_000_000


class NotebookSaver:
    """Writes ``notebook`` to ``path`` whenever `due`; readers see the old file or the new one."""

    def __init__(self, path: Path, notebook: ExecutedNotebook, report: SpoolWriter) -> None:
        self.error: OSError | None = None
        self._path = path
        self._temporary = path.with_name(f".{path.name}.new")
        self._notebook = notebook
        self._report = report
        self._due_at = 0.0

    def due(self, now: float) -> bool:
        """Tell whether the budget allows a save at ``now`` (`time.monotonic`)."""
        return now >= self._due_at

    def save(self, *, durable: bool = False) -> bool:
        """Write the notebook; False when the disk refuses (``error`` says why).

        ``durable`` also brings it to the disk, for the last save.
        """
        started = time.monotonic()
        try:
            size = self._write(durable=durable)
        except OSError as error:
            self.error = error
            self._temporary.unlink(missing_ok=True)
            self._due_at = started + INTERVAL_SECONDS
            return False
        self.error = None
        ended = time.monotonic()
        pause = (ended - started) * (1 / SHARE_OF_TIME - 1)
        self._due_at = ended + max(INTERVAL_SECONDS, pause, size / BYTES_PER_SECOND)
        self._report.write(NotebookSaved(size=size, ts=time.time_ns() // 1_000_000))
        return True

    def _write(self, *, durable: bool) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self._temporary, flags, 0o600)
        with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
            file.writelines(self._notebook.fragments())
            file.flush()
            size = file.tell()
            if durable:
                os.fsync(descriptor)
        self._temporary.replace(self._path)
        return size
