"""Progress on a terminal: one line that is redrawn, or a line per change elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from jupyter_mlops.cli.terminal import say
from jupyter_mlops.client.plain_text import one_line
from jupyter_mlops.client.wording import progress, share

if TYPE_CHECKING:
    from jupyter_mlops.client.answers import Run


class _Line:
    """A line on stderr, so that stdout holds only results."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._plain = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"

    def end(self) -> None:
        """Leave the line, so that what follows starts on its own."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{text[:width]}")
        sys.stderr.flush()


class ProgressLine(_Line):
    """Shows a run as it changes."""

    def __init__(self) -> None:
        super().__init__()
        self._told = ""

    def shown(self, run: Run) -> Run:
        """Show the present state of the run, and return it."""
        if self._live:
            self._draw(progress(run, plain=self._plain))
        elif run["status"] != self._told:
            self._told = run["status"]
            say(f"{run['run_id'][:8]} {self._told}")
        return run


class StepLine(_Line):
    """Shows how many of many steps are done; elsewhere than on a terminal, at each tenth of them."""

    def __init__(self) -> None:
        super().__init__()
        self._told = -1

    def shown(self, done: int, total: int, about: str) -> None:
        """Show that ``done`` of ``total`` steps are done; 0 of 0 while that is not known."""
        if self._live:
            parts = share(done, total, plain=self._plain) if total else ""
            self._draw(f"{parts}  {one_line(about)}".strip())
        elif (tenth := 10 * done // total if total else -1) != self._told:
            self._told = tenth
            say(f"{done} of {total}")
