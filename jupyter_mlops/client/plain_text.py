"""Text from notebooks as plain text: data for a terminal or a line, never a control sequence."""

from __future__ import annotations

import re

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
