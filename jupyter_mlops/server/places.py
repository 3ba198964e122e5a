"""What one user may have under way at once: so many places, and a bounded line before them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from jupyter_mlops.domain.errors import Busy


class Places:
    """``free`` places for each user; ``waiting`` more may wait for one (security row S8)."""

    def __init__(self, free: int, waiting: int) -> None:
        self._free = free
        self._waiting = waiting
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
        leave = self.take_free(user)
        if leave is not None:
            return leave
        desk = self._desks[user]
        if len(desk.line) >= self._waiting:
            raise Busy("Too many requests are under way; try again in a moment.")
        turn = asyncio.get_running_loop().create_future()
        desk.line.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                # It came in the moment in which nobody waited for it any more.
                self._leave(user, desk)
            elif turn in desk.line:
                desk.line.remove(turn)
            raise
        return partial(self._leave, user, desk)

    def take_free(self, user: str) -> Callable[[], None] | None:
        """Take a place that is free, and return what gives it back; None where one has to wait."""
        desk = self._desks.setdefault(user, _Desk(self._free))
        if not desk.free:
            return None
        desk.free -= 1
        return partial(self._leave, user, desk)

    def are_taken(self, user: str) -> bool:
        """Tell whether who comes now would have to wait."""
        desk = self._desks.get(user)
        return desk is not None and not desk.free

    def _leave(self, user: str, desk: _Desk) -> None:
        while desk.line:
            turn = desk.line.popleft()
            if not turn.done():
                # The place goes to who has waited longest, before anybody who comes now.
                turn.set_result(None)
                return
        desk.free += 1
        if desk.free == self._free:
            self._desks.pop(user, None)


class _Desk:
    def __init__(self, free: int) -> None:
        self.free = free
        self.line: deque[asyncio.Future[None]] = deque()
