"""Interrupts for what a test starts, wherever the tests themselves were started."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard() -> Iterator[None]:
    """Let programs that are started in the block hear Ctrl-C.

    What a shell runs in its background is deaf to it, and so is all that is started there.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
