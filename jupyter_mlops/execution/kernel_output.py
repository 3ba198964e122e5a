"""What a kernel's process prints by itself: its last words when it dies at the start."""

from __future__ import annotations

import os
import threading

_KEPT_BYTES = 4096
_SHOWN_LINES = 3
_SHOWN_CHARS = 500


class OutputTail:
    """Drains a pipe for ever and keeps its end, so that a chatty kernel fills neither pipe nor disk.

    ``write_end`` is for the kernel's standard output and error.
    """

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        self._tail = b""
        self._thread = threading.Thread(target=self._drain, name="kernel-output", daemon=True)

    def start(self) -> None:
        """Begin to drain, in a thread."""
        self._thread.start()

    def seal(self) -> None:
        """Close our copy of the write end, once the kernel has its own."""
        os.close(self.write_end)

    def _drain(self) -> None:
        while data := os.read(self._read_end, 65536):
            self._tail = (self._tail + data)[-_KEPT_BYTES:]

    def text(self) -> str:
        """Return the last lines printed so far."""
        # A process that just died may have left its last words in the pipe.
        self._thread.join(0.05)
        lines = [line.strip() for line in self._tail.decode(errors="replace").splitlines()]
        return "\n".join([line for line in lines if line][-_SHOWN_LINES:])[-_SHOWN_CHARS:]
