"""An answer that is written to a connection with no handler around it; ``sending`` takes either."""

from __future__ import annotations

import http.client
import time
from collections.abc import Awaitable, Iterable
from functools import lru_cache
from typing import cast

from tornado.http1connection import HTTP1Connection
from tornado.httputil import (
    HTTPHeaders,
    HTTPServerRequest,
    ResponseStartLine,
    format_timestamp,
)


class Reply:
    """Status, headers and body of the answer to one request."""

    def __init__(self, request: HTTPServerRequest, headers: Iterable[tuple[str, str]]) -> None:
        self.request = request
        self.status = 200
        self._headers = HTTPHeaders()
        for name, value in headers:
            self._headers[name] = value
        self._headers["Date"] = _date(int(time.time()))
        self._waiting = b""
        self.begun = False

    @property
    def _connection(self) -> HTTP1Connection:
        # While it is answered a request has its connection; the stubs do not say so.
        return cast(HTTP1Connection, self.request.connection)

    def set_status(self, status_code: int) -> None:
        """Set the status."""
        self.status = status_code

    def set_header(self, name: str, value: str) -> None:
        """Set one header."""
        self._headers[name] = value

    def write(self, chunk: bytes) -> None:
        """Add a piece of the body, which goes out with the next ``flush``."""
        self._waiting += chunk

    def flush(self) -> Awaitable[None]:
        """Send what was written, the headers before it."""
        piece, self._waiting = self._waiting, b""
        if self.begun:
            return self._connection.write(piece)
        self.begun = True
        line = ResponseStartLine("", self.status, http.client.responses.get(self.status, "Unknown"))
        return self._connection.write_headers(line, self._headers, piece)

    def break_off(self) -> None:
        """End the connection, so that nobody takes what was sent for the whole."""
        self._connection.stream.close()

    def finish(self, body: bytes = b"") -> None:
        """Send the rest, and end the answer."""
        self.write(body)
        if not self.begun:
            self._headers["Content-Length"] = str(len(self._waiting))
        if self._waiting or not self.begun:
            self.flush()
        self._connection.finish()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    return format_timestamp(second)
