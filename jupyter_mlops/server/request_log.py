"""What the log tells of requests: the operation instead of the address as sent, and no input (row S10)."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

from tornado.web import HTTPError

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.server.heard import is_heard

if TYPE_CHECKING:
    from jupyter_mlops.api.door import Door
    from jupyter_mlops.api.routing import Route


def log_answer(
    log: logging.Logger,
    door: Door,
    route: Route | None,
    method: str,
    status: int,
    seconds: float,
    problem_id: str,
) -> None:
    """Log one line for a request that was answered."""
    quiet = logging.DEBUG if status < 400 else logging.INFO
    level = quiet if status < 500 else logging.WARNING
    if not is_heard(log, level):
        return
    log.log(
        level,
        "%d %s %s %.0f ms%s",
        status,
        method,
        f"/{door.PREFIX}/{route.path if route else '?'}",
        1_000 * seconds,
        f" {problem_id}" if status >= 400 else "",
    )


def log_failure(
    log: logging.Logger, error: BaseException | None, frames: TracebackType | None, problem_id: str
) -> None:
    """Log an unexpected failure with its frames, but no message: that may quote the input."""
    if isinstance(error, (MlopsError, HTTPError)) or error is None:
        return
    shown = "".join(traceback.format_tb(frames))
    log.error("Request %s failed with %s\n%s", problem_id, type(error).__name__, shown)
