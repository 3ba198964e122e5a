"""A run's progress on a terminal: one line that is redrawn, or a line per change elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from jupyter_mlops.cli.terminal import duration, number, one_line, say

if TYPE_CHECKING:
    from jupyter_mlops.client.answers import Run

_BAR_CELLS = 20


class ProgressLine:
    """Shows a run as it changes, on stderr, so that stdout holds only results."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._told = ""

    def shown(self, run: Run) -> Run:
        """Show the present state of the run, and return it."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            sys.stderr.write(f"\r\x1b[K{self._line(run)[:width]}")
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

    def _line(self, run: Run) -> str:
        name = one_line(run["name"])
        if run["status"] == "SCHEDULED":
            place = run["queue_position"]
            return f"{name}  waiting" + (f", number {place} in the queue" if place else "")
        progress = run["progress"]
        done, total = progress["cells_done"], progress["cells_total"]
        parts = [name]
        if total:
            parts += [_bar(done / total), f"{done}/{total} cells"]
        parts.append(duration(run["duration_ms"]))
        metric = run["key_metric"]
        if metric is not None:
            parts.append(f"{one_line(metric['key'])} {number(metric['value'])}")
        return "  ".join(part for part in parts if part)


def _bar(share: float) -> str:
    full = round(min(share, 1.0) * _BAR_CELLS)
    plain = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
    on, off = ("#", ".") if plain else ("━", "╌")
    return on * full + off * (_BAR_CELLS - full)
