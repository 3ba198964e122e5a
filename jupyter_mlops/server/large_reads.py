"""A large body is read in large pieces: to take it in by 64 KB, as all else, costs more than the bytes."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy

from tornado.http1connection import HTTP1Connection

AT_ONCE_BYTES = 256 * 1024


def read_large_pieces(connection: HTTP1Connection) -> Callable[[], None]:
    """Have what is left of a request read in large pieces; return what ends that.

    A stream and its next requests go on as usual then.
    """
    stream = connection.stream
    usual = stream.read_chunk_size
    # All connections of a server share one object.
    connection.params = copy(connection.params)
    connection.params.chunk_size = AT_ONCE_BYTES
    stream.read_chunk_size = AT_ONCE_BYTES

    def end() -> None:
        stream.read_chunk_size = usual

    return end
