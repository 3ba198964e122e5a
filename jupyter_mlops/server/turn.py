"""The turn of a request: its place among those of its user, taken early or late, given back once."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from tornado.iostream import BaseIOStream
from tornado.web import RequestHandler

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.server.places import Places

# How long a client may take to send the message for which it has a place.
MESSAGE_SECONDS = 30.0
# Who waits longer than this is looked for before anything is done.
LINE_SECONDS = 0.1
# Linux tells when a client has closed its side although there are bytes of it to be read.
_HUNG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Turn:
    """Begins when a place is free, and ends with the answer or with the client."""

    def __init__(self) -> None:
        self._leave: Callable[[], None] | None = None

    async def begin(self, places: Places, user: str) -> None:
        """Wait for a place, unless there is one already."""
        if self._leave is None:
            self._leave = await places.take(user)

    async def begin_before_message(
        self, places: Places, user: str, handler: RequestHandler
    ) -> None:
        """Wait for a place while the message is still to be read: those in line hold no memory."""
        began = time.monotonic()
        await self.begin(places, user)
        # While it is read a request has its connection; the stubs do not say so.
        connection = handler.request.connection
        stream = connection.stream  # type: ignore[union-attr]
        if time.monotonic() - began > LINE_SECONDS and has_hung_up(stream):
            # It may have been sent again meanwhile, and must not be done twice.
            raise Unavailable("The client went away while it waited.")
        connection.set_body_timeout(MESSAGE_SECONDS)  # type: ignore[union-attr]

    def end(self) -> None:
        """Give the place back, if one is held."""
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


def has_hung_up(stream: BaseIOStream) -> bool:
    """Tell whether a client has gone, which Tornado finds out only when it has read all of its bytes."""
    if stream.closed():
        return True
    poll = select.poll()
    poll.register(stream.fileno(), _HUNG_UP)
    return bool(poll.poll(0))
