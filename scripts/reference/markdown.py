"""Markdown made of data: tables, docstrings as paragraphs, code in a cell."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, and an empty one; nothing when there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return []
    return [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *lines, ""]


def code(text: str) -> str:
    """Return text as code that may stand in a table."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def prose(docstring: str | None) -> list[str]:
    """Return a docstring as paragraphs and an empty line; its code and sections in Markdown."""
    text = inspect.cleandoc(docstring or "").replace("``", "`")
    # A section of numpydoc becomes a list: `Attributes` underlined, then `name: meaning`.
    text = re.sub(r"^(\w+)\n-+\n", r"\1:\n\n", text, flags=re.MULTILINE)
    text = re.sub(r"^(\w+): (?=[a-z])", r"- `\1`: ", text, flags=re.MULTILINE)
    return [*text.splitlines(), ""]


def sentence(docstring: str | None) -> str:
    """Return a docstring on one line, to stand in a table."""
    return " ".join(" ".join(prose(docstring)).split()).replace("|", r"\|")
