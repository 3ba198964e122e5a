"""A proxy that forwards every request and loses the answer to one: what was done stays done, untold."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Whether the answer to a request of this method, path and body gets lost.
Loses = Callable[[str, str, bytes], bool]


class LosingProxy:
    """Forwards to a port of this machine."""

    def __init__(self, target: int, loses: Loses) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(target, loses))
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._server.shutdown()
        self._server.server_close()


def _handler(target: int, loses: Loses) -> type[BaseHTTPRequestHandler]:
    class Forwarding(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
            connection.close()
            if loses(self.command, self.path, body):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, text in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815 (names of the base)

        def log_message(self, *_: object) -> None:
            pass

    return Forwarding
