"""MLflow's LIKE patterns in the words of each database.

``%`` is any text, ``_`` one character, and nothing escapes them. ``LIKE`` tells upper from lower case. ``ILIKE`` does not, for ASCII letters on SQLite and for those
of the locale on PostgreSQL, as in MLflow. A pattern covers the whole text.
"""

from __future__ import annotations

PATTERN_MAX_CHARS = 1_000

# GLOB has no escape either, but a set of one character means just that one.
_GLOB = str.maketrans({"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})


def to_glob(pattern: str) -> str:
    """Return the pattern for SQLite's ``GLOB``, which tells upper from lower case.

    Its ``LIKE`` never does, unless a setting of the connection says so: that is ``ILIKE``, and
    takes the pattern as it is.
    """
    return pattern.translate(_GLOB)


def to_postgresql(pattern: str) -> str:
    """Return the pattern for PostgreSQL's ``LIKE`` and ``ILIKE``, where a backslash escapes."""
    return pattern.replace("\\", "\\\\")
