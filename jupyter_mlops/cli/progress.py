"""A run's progress on a terminal: one line that is redrawn, or a line per change elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from jupyter_mlops.cli.terminal import say
from jupyter_mlops.client.wording import progress

if TYPE_CHECKING:
    from jupyter_mlops.client.answers import Run


class ProgressLine:
    """Shows a run as it changes, on stderr, so that stdout holds only results."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._plain = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
        self._told = ""

    def shown(self, run: Run) -> Run:
        """Show the present state of the run, and return it."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{progress(run, plain=self._plain)[:width]}")
            sys.stderr.flush()
        elif run["status"] != self._told:
            self._told = run["status"]
            say(f"{run['run_id'][:8]} {self._told}")
        return run

    def end(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
