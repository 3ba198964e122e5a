"""A proxy that cuts connections: somewhere in the request, or somewhere in the answer."""

from __future__ import annotations

import random
import socket
import struct
import threading
from contextlib import suppress

_PIECE = 64
_REQUEST_BYTES = 400
_ANSWER_BYTES = 1_200
# Closing sends a reset at once instead of what is still to be sent.
_ABRUPT = struct.pack("ii", 1, 0)


class CuttingProxy:
    """Forwards to a port of this machine; two connections of three are cut. ``cuts`` counts them."""

    def __init__(self, target: int, seed: int) -> None:
        self._target = target
        self._chance = random.Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with self._lock:
            kind = self._chance.choice(("request", "answer", "whole"))
            asked = self._chance.randrange(_REQUEST_BYTES) if kind == "request" else None
            answered = self._chance.randrange(_ANSWER_BYTES) if kind == "answer" else None
        with socket.create_connection(("127.0.0.1", self._target)) as server:
            ends = (client, server)
            there = threading.Thread(
                target=self._pump, args=(client, server, asked, ends), daemon=True
            )
            there.start()
            self._pump(server, client, answered, ends)
            there.join()
        client.close()

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        limit: int | None,
        ends: tuple[socket.socket, socket.socket],
    ) -> None:
        """Pass bytes on until the source ends; cut both ends behind ``limit`` bytes."""
        passed = 0
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if limit is not None and passed + len(piece) > limit:
                    sink.sendall(piece[: limit - passed])
                    self._cut(ends)
                    return
                sink.sendall(piece)
                passed += len(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _cut(self, ends: tuple[socket.socket, socket.socket]) -> None:
        with self._lock:
            self.cuts += 1
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABRUPT)
                end.shutdown(socket.SHUT_RDWR)
                end.close()
