"""What a command prints: its result on stdout, everything said to the user on stderr."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from jupyter_mlops.client.plain_text import one_line


def say(text: str) -> None:
    """Tell the user something that is not the result of the command."""
    print(text, file=sys.stderr, flush=True)


def is_confirmed(question: str) -> bool:
    """Ask the user at the terminal; where there is none nobody has agreed."""
    if not sys.stdin.isatty():
        say("this asks before it does it; without a terminal, give --yes")
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows below a head, in columns as wide as their widest cell."""
    cells = [[one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)
