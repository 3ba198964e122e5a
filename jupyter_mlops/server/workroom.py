"""Where the synchronous core works for an asynchronous host: a few threads, fairly shared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from jupyter_mlops.domain.errors import Busy, Unavailable

IN_FLIGHT_PER_USER = 8
WAITING_PER_USER = 64

T = TypeVar("T")


class Workroom:
    """Own threads, so that a hanging disk holds up this extension and nothing else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(IN_FLIGHT_PER_USER, thread_name_prefix="mlops-api")
        self._slots: defaultdict[str, _Slots] = defaultdict(_Slots)

    @asynccontextmanager
    async def place(self, user: str) -> AsyncIterator[None]:
        """Hold one of the user's eight places; wait for one, or raise Busy when many wait."""
        slots = self._slots[user]
        if slots.taken >= IN_FLIGHT_PER_USER + WAITING_PER_USER:
            raise Busy("Too many requests are under way; try again in a moment.")
        slots.taken += 1
        try:
            async with slots.free:
                yield
        finally:
            slots.taken -= 1
            if not slots.taken:
                self._slots.pop(user, None)

    async def run(self, work: Callable[[], T], timeout: float) -> T:
        """Return ``work()`` from a thread; Unavailable after ``timeout`` seconds."""
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            raise Unavailable("This took too long; the disk or database may be stuck.") from None

    def close(self) -> None:
        """Take no more work; what is under way ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Slots:
    def __init__(self) -> None:
        self.taken = 0
        self.free = asyncio.Semaphore(IN_FLIGHT_PER_USER)
