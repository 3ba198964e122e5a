"""What one user may have under way at once: so many places, and a bounded line before them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from jupyter_mlops.domain.errors import Busy


class Places:
    """``free`` places for each user; ``waiting`` more may wait for one (security row S8)."""

    def __init__(self, free: int, waiting: int) -> None:
        self._free = free
        self._most = free + waiting
        self._desks: dict[str, _Desk] = {}

    @asynccontextmanager
    async def place(self, user: str) -> AsyncIterator[None]:
        """Hold one of the user's places; wait for one, or raise Busy when many wait."""
        leave = await self.take(user)
        try:
            yield
        finally:
            leave()

    async def take(self, user: str) -> Callable[[], None]:
        """Wait for one of the user's places, and return what gives it back."""
        desk = self._desks.setdefault(user, _Desk(self._free))
        if desk.taken >= self._most:
            raise Busy("Too many requests are under way; try again in a moment.")
        desk.taken += 1
        try:
            await desk.free.acquire()
        except BaseException:
            self._forget(user, desk)
            raise

        def leave() -> None:
            desk.free.release()
            self._forget(user, desk)

        return leave

    def are_taken(self, user: str) -> bool:
        """Tell whether who comes now would have to wait."""
        desk = self._desks.get(user)
        return desk is not None and desk.taken >= self._free

    def _forget(self, user: str, desk: _Desk) -> None:
        desk.taken -= 1
        if not desk.taken:
            self._desks.pop(user, None)


class _Desk:
    def __init__(self, free: int) -> None:
        self.taken = 0
        self.free = asyncio.Semaphore(free)
