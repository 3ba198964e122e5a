"""What the server says of itself: the first call of the panel."""

from __future__ import annotations

from typing import Literal

import msgspec


class ServerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """State of store and queue; ``message`` says what to do when ``state`` is not ready."""

    version: str
    state: Literal["starting", "ready", "read_only", "failed"]
    message: str | None
    user: str
    seq: int
    dispatching: bool
    concurrency: int
    scheduled: int
    running: int
