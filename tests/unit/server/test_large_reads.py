"""A large body is read in large pieces, and what follows it on the same connection as usual."""

from __future__ import annotations

import asyncio
import http.client
import socket
import time
from collections.abc import Awaitable

from tornado import web
from tornado.httpserver import HTTPServer

from jupyter_mlops.server.large_reads import AT_ONCE_BYTES, read_large_pieces

USUAL_BYTES = 64 * 1024
SIZE = 4 << 20


@web.stream_request_body
class Receiver(web.RequestHandler):
    """Answers with the largest piece of the body that came at once, and with what is read next at most."""

    def prepare(self) -> None:
        self.largest = 0
        self.end = lambda: None
        if "X-Large" in self.request.headers:
            # A request has its connection while it is read; the stubs do not say so, here and below.
            self.end = read_large_pieces(self.request.connection)  # type: ignore[arg-type]

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        if not self.largest:
            # More comes in meanwhile than is read at once as usual.
            time.sleep(0.2)
        self.largest = max(self.largest, len(chunk))
        return None

    def put(self) -> None:
        self.end()
        next_at_most = self.request.connection.stream.read_chunk_size  # type: ignore[union-attr]
        self.finish(f"{self.largest} {next_at_most}")


def send(port: int) -> list[tuple[int, ...]]:
    """Send three bodies on one connection, the second to be read in large pieces."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.connect()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SIZE)
    answers = []
    for headers in ({}, {"X-Large": "yes"}, {}):
        connection.request("PUT", "/", bytes(SIZE), headers)
        answers.append(tuple(map(int, connection.getresponse().read().split())))
    connection.close()
    return answers


def test_one_body_is_read_in_large_pieces_and_no_other() -> None:
    async def scenario() -> list[tuple[int, ...]]:
        server = HTTPServer(web.Application([("/", Receiver)]))
        server.listen(0, "127.0.0.1")
        (listening,) = server._sockets.values()
        try:
            return await asyncio.to_thread(send, listening.getsockname()[1])
        finally:
            server.stop()
            await server.close_all_connections()

    before, (large, next_at_most), after = asyncio.run(scenario())
    assert before == after == (USUAL_BYTES, USUAL_BYTES)
    assert USUAL_BYTES < large <= AT_ONCE_BYTES
    assert next_at_most == USUAL_BYTES
