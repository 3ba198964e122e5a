"""The JSON of a notebook file in the layout that Jupyter itself writes, made piece by piece.

Keys sorted, one space of indentation, texts as lists of lines: so a diff of two executed
notebooks is readable. A piece is encoded for the depth at which it will stand.
"""

from __future__ import annotations

from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="deterministic")


def encode(value: Any, depth: int) -> bytes:
    """Return ``value`` as indented JSON that stands at ``depth`` levels in its file."""
    pretty = msgspec.json.format(_encoder.encode(value), indent=1)
    return pretty.replace(b"\n", b"\n" + b" " * depth) if depth else pretty


def lines(text: str) -> list[str]:
    """Return ``text`` as the list of lines that notebook files hold."""
    return text.splitlines(keepends=True)


def joined(text: object) -> str:
    """Return the text that a notebook gives as one string or as a list of lines."""
    if isinstance(text, list):
        return "".join(str(line) for line in text)
    return text if isinstance(text, str) else ""
