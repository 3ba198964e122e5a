"""An upload comes in in pieces: never whole in memory, at the pace of the disk."""

from __future__ import annotations

from functools import partial

from tornado.web import RequestHandler

from jupyter_mlops.api.routing import Route
from jupyter_mlops.artifacts.content import Incoming
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import MlopsError, TooLarge
from jupyter_mlops.server.hosted_core import HostedCore
from jupyter_mlops.server.workroom import Workroom

PIECE_BYTES = 1 << 20
WRITE_TIMEOUT_SECONDS = 60.0


class Upload:
    """Writes what arrives in threads; the first failure is kept for the answer."""

    def __init__(self, incoming: Incoming, workroom: Workroom, limit: int) -> None:
        self.incoming = incoming
        self._workroom = workroom
        self._limit = limit
        self._pending = bytearray()
        self._failure: MlopsError | None = None

    @classmethod
    async def begin(
        cls, handler: RequestHandler, hosted: HostedCore, actor: Actor, route: Route
    ) -> Upload:
        """Make room for the body of a request, whatever its size."""
        limit = route.body_max_bytes
        # Tornado counts too, with a limit that is meant for bodies in memory. A request that is being
        # read has its connection, here and below; the stubs do not say so.
        handler.request.connection.set_max_body_size(limit)  # type: ignore[union-attr]
        begin = partial(hosted.core.services.artifacts.begin, actor)
        incoming = await hosted.workroom.run(begin, WRITE_TIMEOUT_SECONDS)
        upload = cls(incoming, hosted.workroom, limit)
        if handler.request.connection.stream.closed():  # type: ignore[union-attr]
            # It went away meanwhile, and nobody will be told of that again.
            upload.discard()
        return upload

    async def take(self, chunk: bytes) -> None:
        """Take what arrived; the connection is read on when it is written."""
        self._pending += chunk
        if len(self._pending) >= PIECE_BYTES:
            await self._write()

    async def complete(self) -> None:
        """Write the rest; raises what went wrong on the way."""
        await self._write()
        if self._failure is not None:
            raise self._failure

    def discard(self) -> None:
        """Forget what arrived, unless it is kept."""
        # In a thread: another one may still write, and the server goes on meanwhile.
        self._workroom.later(self.incoming.discard)

    async def _write(self) -> None:
        data, self._pending = bytes(self._pending), bytearray()
        if self._failure is not None or not data:
            return
        try:
            if self.incoming.size + len(data) > self._limit:
                raise TooLarge("The file is larger than this server takes.")
            await self._workroom.run(partial(self.incoming.write, data), WRITE_TIMEOUT_SECONDS)
        except MlopsError as error:
            self._failure = error
            # At once: what is left of the body may take long to come, and a full disk needs the room.
            self.discard()
