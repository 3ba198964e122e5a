"""Wall time for showing and monotonic time for measuring, never one for the other."""

from __future__ import annotations

import time


def now_ms() -> int:
    """Return milliseconds since the epoch, UTC."""
    return time.time_ns() // 1_000_000
