"""A server that gives prepared answers, byte for byte."""

from __future__ import annotations

import socket
import threading


class Scripted:
    """A server that gives the answers of a script, one to a connection, and hears the requests."""

    def __init__(self, *script: bytes) -> None:
        self.heard: list[bytes] = []
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Wait until the script is at its end."""
        self._thread.join(30)
        self._listener.close()

    def _serve(self) -> None:
        for answer in self._script:
            connection, _ = self._listener.accept()
            with connection:
                self.heard.append(connection.recv(1 << 16))
                connection.sendall(answer)


def said(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
