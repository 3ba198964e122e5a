"""The log of a run as a continuous-integration log would show it: resolved lines, in order.

A line that rewrites itself (a progress bar) appears at most every two seconds. The log stops
growing at its limit, except for the few lines of the engine. A full disk ends it silently: the
run matters more than its log.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_BYTES = 50_000_000
REWRITE_SECONDS = 2.0
_BUFFER_BYTES = 65_536


class RunLog:
    """Appends to ``path`` (mode 0600); what is given must be masked before."""

    def __init__(self, path: Path, limit: int = LIMIT_BYTES) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._descriptor = descriptor
        self._buffer = bytearray()
        self._room = limit - os.fstat(descriptor).st_size
        self._full = False
        self._open = ""
        self._rewritten_at = 0.0

    def lines(self, text: str) -> None:
        """Add final text of a stream; it may complete what `partial` has shown."""
        if self._open:
            text = text[len(self._open) :] if text.startswith(self._open) else f"\n{text}"
            self._open = ""
        self._add(text)

    def partial(self, line: str) -> None:
        """Show the last line of a stream, which may still grow or be rewritten."""
        if not line or line == self._open:
            return
        if line.startswith(self._open):
            self._add(line[len(self._open) :])
        elif time.monotonic() - self._rewritten_at < REWRITE_SECONDS:
            return
        else:
            self._rewritten_at = time.monotonic()
            self._add(f"\n{line}")
        self._open = line

    def note(self, text: str) -> None:
        """Add a line of the engine, with the time of day in UTC."""
        before = "\n" if self._open else ""
        self._open = ""
        stamp = time.strftime("%H:%M:%S", time.gmtime())
        self._buffer += f"{before}[{stamp}] {text}\n".encode("utf-8", "replace")

    def flush(self) -> None:
        """Hand what is buffered to the system."""
        if not self._buffer:
            return
        data, self._buffer = bytes(self._buffer), bytearray()
        try:
            os.write(self._descriptor, data)
        except OSError:
            self._full = True

    def close(self) -> None:
        """End an open line and the file."""
        if self._open:
            self._add("\n")
            self._open = ""
        self.flush()
        os.close(self._descriptor)

    def _add(self, text: str) -> None:
        if self._full:
            return
        data = text.encode("utf-8", "replace")
        if len(data) > self._room:
            self._full = True
            data = data[: max(self._room, 0)]
            self._buffer += data
            self._buffer += b"\n[The log has reached its limit; further output is not kept here.]\n"
        else:
            self._buffer += data
        self._room -= len(data)
        if len(self._buffer) > _BUFFER_BYTES:
            self.flush()
