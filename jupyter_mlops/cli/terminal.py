"""Text for a terminal: what comes from notebooks is data there, never a control sequence."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime

# Colours (SGR) may pass; every other escape sequence could move, retitle or answer for the user.
_SEQUENCE = re.compile(
    r"\x1b\[[0-9;:]*m"
    r"|\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])?"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]",
    re.DOTALL,
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def safe(text: str) -> str:
    """Return text without control sequences other than colours; line ends and tabs stay."""
    return _SEQUENCE.sub(lambda found: found[0] if _COLOUR.fullmatch(found[0]) else "", text)


def one_line(text: object) -> str:
    """Return text as one plain line."""
    return " ".join(_COLOUR.sub("", safe(str(text))).split())


def say(text: str) -> None:
    """Tell the user something that is not the result of the command."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows below a head, in columns as wide as their widest cell."""
    cells = [[one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def duration(milliseconds: int | None) -> str:
    """Return a duration as people say it: ``850 ms``, ``3.2 s``, ``4:07``, ``1:02:03``."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


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


def number(value: object) -> str:
    """Return a metric's value in few digits; a non-finite one comes by its name."""
    return f"{value:.5g}" if isinstance(value, (int, float)) else one_line(value)
