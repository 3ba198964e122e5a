"""MLflow's protocol as raw requests on a connection that stays open: no client's own work in it."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import urlsplit

from benchmarks.mlflow_server import Server

_API = "/api/2.0/mlflow"


class Connection:
    """One client of one server; not for several threads."""

    def __init__(self, server: Server) -> None:
        address = urlsplit(server.address)
        self._prefix = address.path
        self._headers = {"Content-Type": "application/json"}
        if server.token:
            self._headers["Authorization"] = f"Bearer {server.token}"
        self._connection = http.client.HTTPConnection(str(address.netloc), timeout=600)
        self._connection.connect()
        # Head and body go out as two writes; together they would wait for each other's receipt.
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def post(self, name: str, **body: object) -> dict[str, Any]:
        """Return the answer to a message."""
        return self._json("POST", f"{_API}/{name}", json.dumps(body).encode())

    def get(self, name: str, api: str = _API) -> dict[str, Any]:
        """Return the answer to a query."""
        return self._json("GET", f"{api}/{name}")

    def _json(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        return dict(json.loads(self.raw(method, path, body)))

    def raw(self, method: str, path: str, body: Any = None, **headers: str) -> bytes:
        """Return the whole answer; RuntimeError unless it is a good one."""
        self._connection.request(method, self._prefix + path, body, {**self._headers, **headers})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:200]!r}")
        return data

    def count(self, path: str) -> int:
        """Return how many bytes a file has, reading it in pieces that are forgotten."""
        self._connection.request("GET", self._prefix + path, None, self._headers)
        answer, total = self._connection.getresponse(), 0
        while data := answer.read(1 << 20):
            total += len(data)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.status}")
        return total

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
