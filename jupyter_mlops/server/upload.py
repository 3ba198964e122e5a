"""An upload comes in in pieces: never whole in memory, at the pace of the disk, and not for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import MlopsError, TooLarge, UploadStalled
from jupyter_mlops.server.hosted_core import HostedCore
from jupyter_mlops.server.large_reads import read_large_pieces
from jupyter_mlops.server.patience import Patience
from jupyter_mlops.server.refusing import RefusingHandler
from jupyter_mlops.server.workroom import Workroom

if TYPE_CHECKING:
    from jupyter_mlops.services.upload_quota import ArrivingFile

PIECE_BYTES = 1 << 20
# Of what comes in smaller pieces than this there may be very many.
DROP_BYTES = 16 * 1024
WRITE_TIMEOUT_SECONDS = 60.0


class Upload:
    """Writes what arrives in threads, a piece while the next one comes; keeps the first failure.

    A file that comes in one piece is made by the thread that stores it.
    """

    def __init__(
        self, begin: Callable[[], ArrivingFile], workroom: Workroom, limit: int, patience: Patience
    ) -> None:
        self._begin = begin
        self._arriving: ArrivingFile | None = None
        self._gone = False
        self._lock = threading.Lock()
        self._workroom = workroom
        self._limit = limit
        self._patience = patience
        self._pending: list[bytes | bytearray] = []
        self._pending_bytes = 0
        self._writing: asyncio.Task[None] | None = None
        # What ends another way to read than that of small messages.
        self.read_as_usual: Callable[[], None] = _nothing_to_end
        self.failure: MlopsError | None = None

    @classmethod
    async def begin(
        cls,
        handler: RefusingHandler,
        hosted: HostedCore,
        actor: Actor,
        route: Route,
        declared: int | None,
    ) -> Upload:
        """Make room for the body of a request, whatever its size; QuotaExceeded if there is none."""
        limit = route.body_max_bytes
        # Tornado counts too, with a limit that is meant for bodies in memory. A request that is being
        # read has its connection, here and below; the stubs do not say so.
        connection = handler.request.connection
        connection.set_max_body_size(limit)  # type: ignore[union-attr]

        def make() -> ArrivingFile:
            # All of it in a thread: a store that could not be opened is tried again here.
            return hosted.core.services.artifacts.begin(actor, declared)

        seconds = hosted.core.settings.upload_idle_seconds

        def give_up() -> None:
            upload.discard()
            stalled = f"Nothing of this file came for {seconds:g} seconds; send it again."
            handler.refuse_at_last(upload.failure or UploadStalled(stalled))

        patience = Patience(seconds, give_up)
        upload = cls(make, hosted.workroom, limit, patience)
        if declared is None or declared > PIECE_BYTES:
            await upload.make_file()
            # Over HTTP/1 it is such a connection; the stubs know only that it is one.
            upload.read_as_usual = read_large_pieces(connection)  # type: ignore[arg-type]
        if connection.stream.closed():  # type: ignore[union-attr]
            # It went away meanwhile, and nobody will be told of that again.
            upload.discard()
        else:
            patience.wait()
        return upload

    async def make_file(self) -> None:
        """Make the file now; raises why there is none."""
        try:
            await self._workroom.run(self._file, WRITE_TIMEOUT_SECONDS)
        except BaseException:
            # Nobody waits for it any more, and it may be made yet.
            self.discard()
            raise

    def take(self, chunk: bytes) -> Awaitable[None] | None:
        """Take what arrived; what is returned says when the connection is read on, None at once."""
        self._patience.rest()
        self._add_pending(chunk)
        if self._pending_bytes >= PIECE_BYTES:
            return self._write_and_wait()
        self._patience.wait()
        return None

    def _add_pending(self, chunk: bytes) -> None:
        # Drops are put together, and all else is never copied.
        if len(chunk) >= DROP_BYTES:
            self._pending.append(chunk)
        elif self._pending and isinstance(self._pending[-1], bytearray):
            self._pending[-1] += chunk
        else:
            self._pending.append(bytearray(chunk))
        self._pending_bytes += len(chunk)

    async def _write_and_wait(self) -> None:
        await self._write()
        self._patience.wait()

    async def complete(self, *, in_line: bool) -> None:
        """Wait for nothing more of it; raises what went wrong on the way.

        One that is ``in_line`` for its turn waits on the disk: many may, and for long.
        """
        self._patience.end()
        self.read_as_usual()
        if in_line and self._pending:
            await self._write()
        await self._written()
        if self.failure is not None:
            raise self.failure
        if in_line:
            await self._workroom.run(self._wait_on_disk, WRITE_TIMEOUT_SECONDS)

    def arrived(self) -> ArrivingFile:
        """Return the file with all that came in it; for a thread."""
        self._add(self._pending)
        return self._file()

    def discard(self) -> None:
        """Forget what arrived, unless it is kept."""
        self._patience.end()
        self.read_as_usual()
        # Without the lock, which is held for as long as the disk takes to make the file. Either this
        # sees the file, or who makes it sees this.
        self._gone = True
        arriving = self._arriving
        if arriving is not None and not arriving.kept:
            # In a thread: another one may still write, and the server goes on meanwhile.
            self._workroom.later(arriving.discard)

    def _file(self) -> ArrivingFile:
        with self._lock:
            if self._arriving is None:
                self._arriving = self._begin()
            arriving = self._arriving
        if self._gone:
            arriving.discard()
        return arriving

    def _add(self, pieces: Sequence[bytes | bytearray]) -> None:
        arriving = self._file()
        if arriving.size + sum(map(len, pieces)) > self._limit:
            raise TooLarge("The file is larger than this server takes.")
        arriving.write(*pieces)

    def _wait_on_disk(self) -> None:
        self._file().wait_on_disk()

    async def _write(self) -> None:
        """Begin to write what came, once what came before it is written."""
        await self._written()
        pieces, self._pending, self._pending_bytes = self._pending, [], 0
        if self.failure is None:
            self._writing = asyncio.create_task(self._write_pieces(pieces))

    async def _written(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            await writing

    async def _write_pieces(self, pieces: Sequence[bytes | bytearray]) -> None:
        try:
            await self._workroom.run(partial(self._add, pieces), WRITE_TIMEOUT_SECONDS)
        except MlopsError as error:
            self.failure = error
            # At once: what is left of the body may take long to come, and a full disk needs the room.
            self.discard()


def _nothing_to_end() -> None:
    pass
