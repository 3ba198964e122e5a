"""Values that begin with a dash, as in ``-p alpha -1e-3``, which argparse would take for options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# No command line can hold it, so no value begins with it.
_MARK = "\0"


def shielded(words: Iterable[str], options: Iterable[str]) -> list[str]:
    """Return the words of a command line, marked where they are the two values of an option.

    ``options`` are those with ``nargs=2, type=unshielded``; argparse counts and explains as ever.
    """
    known = frozenset(options)
    marked: list[str] = []
    values = 0
    for word in words:
        if values:
            values -= 1
            marked.append(_MARK + word)
        else:
            # What follows a lone `--` is no option.
            known = frozenset() if word == "--" else known
            values = 2 if word in known else 0
            marked.append(word)
    return marked


def unshielded(word: str) -> str:
    """Return a value as it was given; the ``type`` of its option."""
    return word.removeprefix(_MARK)
