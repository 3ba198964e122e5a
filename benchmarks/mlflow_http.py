"""MLflow's protocol as raw requests on a connection that stays open: no client's own work in it.

Bytes that were made before go out, and bytes come in: what Python's HTTP client and JSON cost would be
in the time of either server, and make both look more alike than they are.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from benchmarks.mlflow_server import Server

API = "/api/2.0/mlflow"
_TIMEOUT_SECONDS = 600
_PIECE = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked\r\n", re.IGNORECASE)


class Connection:
    """One client of one server; not for several threads."""

    def __init__(self, server: Server) -> None:
        address = urlsplit(server.address)
        self._prefix = address.path
        headers = [f"Host: {address.netloc}", "Content-Type: application/json"]
        if server.token:
            headers.append(f"Authorization: Bearer {server.token}")
        self._headers = "\r\n".join(headers)
        place = (str(address.hostname), int(address.port or 80))
        self._socket = socket.create_connection(place, timeout=_TIMEOUT_SECONDS)
        # What goes out as two writes would wait for the receipt of the first.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arrived = b""

    def request(
        self, method: str, path: str, body: bytes = b"", length: int | None = None
    ) -> bytes:
        """Return the bytes of a request; with a ``length`` its body is sent after it."""
        size = len(body) if length is None else length
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\n{self._headers}\r\n"
        if method != "GET":
            head += f"Content-Length: {size}\r\n"
        return head.encode() + b"\r\n" + body

    def message(self, name: str, **body: object) -> bytes:
        """Return the bytes of a request with a message."""
        return self.request("POST", f"{API}/{name}", json.dumps(body).encode())

    def query(self, name: str, api: str = API) -> bytes:
        """Return the bytes of a request without one."""
        return self.request("GET", f"{api}/{name}")

    def answer(self, request: bytes, file: BinaryIO | None = None) -> bytes:
        """Send a request, and a file behind it; return the whole answer.

        Raises RuntimeError unless it is a good one.
        """
        return b"".join(self._pieces(request, file))

    def count(self, request: bytes) -> int:
        """Return how many bytes the answer has, reading it in pieces that are forgotten."""
        return sum(map(len, self._pieces(request)))

    def post(self, name: str, **body: object) -> dict[str, Any]:
        """Return what a server answers to a message."""
        return dict(json.loads(self.answer(self.message(name, **body))))

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _pieces(self, request: bytes, file: BinaryIO | None = None) -> Iterator[bytes]:
        self._socket.sendall(request)
        if file is not None:
            self._socket.sendfile(file)
        head = self._until(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            self._socket.settimeout(1)
            raise RuntimeError(f"{request[:80]!r}: {head!r} {self._arrived[:200]!r}")
        if _CHUNKED.search(head):
            yield from self._chunks()
        else:
            length = _LENGTH.search(head)
            if length is None:
                raise RuntimeError(f"{request[:80]!r}: an answer without a length")
            yield from self._take(int(length[1]))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._until(b"\r\n"), 16):
            yield from self._take(size)
            self._until(b"\r\n")
        self._until(b"\r\n")

    def _until(self, mark: bytes) -> bytes:
        """Take the bytes up to a mark and with it."""
        while (end := self._arrived.find(mark)) < 0:
            self._arrived += self._receive()
        end += len(mark)
        taken, self._arrived = self._arrived[:end], self._arrived[end:]
        return taken

    def _take(self, count: int) -> Iterator[bytes]:
        """Take so many bytes, as they come."""
        while count:
            piece = self._arrived or self._receive()
            piece, self._arrived = piece[:count], piece[count:]
            count -= len(piece)
            yield piece

    def _receive(self) -> bytes:
        data = self._socket.recv(_PIECE)
        if not data:
            raise RuntimeError("the server hung up")
        return data
