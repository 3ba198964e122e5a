"""How tracking tells a user that something went wrong: one warning, never an exception."""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from pathlib import Path

_PACKAGE = str(Path(__file__).parent.parent)
_given: set[str] = set()


class TrackingWarning(UserWarning):
    """Something could not be recorded; the user's code goes on."""


def notice(message: str, *, once: str | None = None) -> None:
    """Warn at the user's own line; at most once in this process for the same ``once``."""
    if once is not None:
        if once in _given:
            return
        _given.add(once)
    try:
        warnings.warn(message, TrackingWarning, stacklevel=_depth_of_caller())
    except Exception:  # noqa: BLE001 (the reasons follow)
        # The user turned warnings into errors, shows them in a way that fails, or has closed the
        # stream that they go to; tracking must not stop the code even then.
        with suppress(Exception):
            sys.stderr.write(f"TrackingWarning: {message}\n")


def shown(given: object) -> str:
    """Return how a notice names what the user gave: short, and safe for any object."""
    if isinstance(given, str):
        return repr(given if len(given) <= 80 else given[:77] + "...")
    return f"<{type(given).__name__}>"


def told(error: BaseException) -> str:
    """Return what an error says, safe for any: its own text may raise another."""
    kind = type(error).__name__
    try:
        text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    except Exception:  # noqa: BLE001 (an exception's own __str__ may raise anything)
        return kind
    return f"{kind}: {text}" if text else kind


def _depth_of_caller() -> int:
    frame = sys._getframe(1)  # `warnings` can skip a package only from Python 3.12 on
    depth = 1
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        depth += 1
    return depth
