"""Runs in words: durations, moments, sizes and progress, alike on a terminal and in a notebook."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_mlops.client.plain_text import one_line

if TYPE_CHECKING:
    from jupyter_mlops.client.answers import LatestMetric, RunSummary

_BAR_CELLS = 20


def duration(milliseconds: float | None) -> str:
    """Return a duration as the panel says it: ``45 ms``, ``3.2 s``, ``4 min 07 s``, ``1 h 02 min``."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{max(0, int(milliseconds))} ms"
    tenths = int(milliseconds // 100)
    if tenths < 100:
        return f"{tenths / 10:.1f} s"
    minutes, seconds = divmod(tenths // 10, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def moment(milliseconds: int | None) -> str:
    """Return a time of the wire in the user's own time zone, to the minute."""
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M")


def size(count: int | None) -> str:
    """Return a number of bytes as people say it."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def count(number: int, noun: str) -> str:
    """Return a number of things: ``1 run``, ``2 runs``."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"


def number(value: object) -> str:
    """Return a metric's value in few digits; a non-finite one comes by its name."""
    return f"{value:.5g}" if isinstance(value, (int, float)) else one_line(value)


def metric(latest: LatestMetric | None) -> str:
    """Return name and latest value of a metric."""
    return "" if latest is None else f"{one_line(latest['key'])} {number(latest['value'])}"


def outcome(run: RunSummary) -> str:
    """Return the status of a run with its reason."""
    return f"{run['status']} ({run['reason']})" if run["reason"] else run["status"]


def progress(run: RunSummary, *, plain: bool = False) -> str:
    """Return how far a run is, on one line; ``plain`` draws the bar in ASCII."""
    name = one_line(run["name"])
    if run["status"] == "SCHEDULED":
        place = run["queue_position"]
        return f"{name}  waiting" + (f", number {place} in the queue" if place else "")
    done, total = run["progress"]["cells_done"], run["progress"]["cells_total"]
    bar = f"{_bar(done / total, plain=plain)}  {done}/{total} cells" if total else ""
    parts = (name, bar, duration(run["duration_ms"]), metric(run["key_metric"]))
    return "  ".join(part for part in parts if part)


def share(done: int, total: int, *, plain: bool = False) -> str:
    """Return how much of something is done, as a bar and in numbers."""
    return f"{_bar(done / total, plain=plain)}  {done}/{total}"


def _bar(share: float, *, plain: bool) -> str:
    full = round(min(share, 1.0) * _BAR_CELLS)
    on, off = ("#", ".") if plain else ("━", "╌")
    return on * full + off * (_BAR_CELLS - full)
