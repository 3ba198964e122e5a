"""What is logged of a failure that nobody expected: its kind and its frames, never its words."""

from __future__ import annotations

import logging
import traceback

from jupyter_mlops.domain.errors import MlopsError


def log_fault(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log that ``what`` happened, and why.

    The text of an error may quote values, as PostgreSQL does with the row that it refuses (security
    row S10): only the message of an error of ours is logged as it is.
    """
    if isinstance(error, MlopsError):
        log.warning("%s: %s", what, error.message)
        return
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s: %s\n%s", what, _kinds(error), frames)


def _kinds(error: BaseException) -> str:
    """Name the error and what it came from."""
    names: list[str] = []
    at: BaseException | None = error
    while at is not None and len(names) < 5:
        names.append(type(at).__name__)
        at = at.__cause__ or at.__context__
    return " from ".join(names)
