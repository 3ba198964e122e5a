"""Files by MLflow's protocol: one large, many small, both ways; and the memory that it takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks.disk import folder_on_disk
from benchmarks.figures import Figure, in_turn, timed
from benchmarks.mlflow_http import Connection
from benchmarks.mlflow_server import MlflowServer, OurServer, Server
from benchmarks.mlflow_writing import start, times

LARGE_MB = 500
SMALL = 1_000
SMALL_BYTES = 10_000
ROUNDS = 3
_FILES = "/api/2.0/mlflow-artifacts/artifacts/0"


class _Files:
    """The files of one new run after the other, on one server."""

    def __init__(self, server: Server, large: Path) -> None:
        self._server = server
        self._connection = Connection(server)
        self._large = large

    def large_up(self) -> float:
        self._folder = self._new_folder()
        size = self._large.stat().st_size
        request = self._connection.request("PUT", f"{self._folder}/large.bin", length=size)
        with self._large.open("rb") as file:
            return timed(partial(self._connection.answer, request, file))

    def large_down(self) -> float:
        self._connect()
        request = self._connection.request("GET", f"{self._folder}/large.bin")
        return timed(partial(self._connection.count, request))

    def small_up(self) -> float:
        self._folder = self._new_folder()
        # Each is another file, as files are, in each round: what was sent before might cost less.
        few = os.urandom(SMALL_BYTES)
        return self._each("PUT", lambda number: few + b"%d" % number)

    def small_down(self) -> float:
        self._connect()
        return self._each("GET", lambda _: b"")

    def _connect(self) -> None:
        # A server hangs up on who is silent for some seconds, as long as the other one may take.
        self._connection.close()
        self._connection = Connection(self._server)

    def _new_folder(self) -> str:
        self._connect()
        return f"{_FILES}/{start(self._connection)}/artifacts"

    def _each(self, method: str, body: Callable[[int], bytes]) -> float:
        requests = [
            self._connection.request(method, f"{self._folder}/{number}.bin", body(number))
            for number in range(SMALL)
        ]
        return sum(times(self._connection, requests))

    def close(self) -> None:
        self._connection.close()


def figures() -> Iterator[Figure]:
    """Yield the rows of files."""
    ours, theirs = OurServer(), MlflowServer()
    with folder_on_disk() as folder:
        large = Path(folder) / "large.bin"
        with large.open("wb") as file:
            for _ in range(LARGE_MB):
                file.write(os.urandom(1_000_000))
        mine, peers = _Files(ours, large), _Files(theirs, large)
        before = ours.megabytes
        try:
            for name, goal, method in (
                (f"a file of {LARGE_MB} MB, up", 1 / 1.3, "large_up"),
                (f"a file of {LARGE_MB} MB, down", 1 / 1.3, "large_down"),
                (f"{SMALL:,} files of 10 KB, up", 0.5, "small_up"),
                (f"{SMALL:,} files of 10 KB, down", 0.2, "small_down"),
            ):
                values = in_turn(getattr(mine, method), getattr(peers, method), ROUNDS)
                yield Figure(name, values[0], "s", goal, values[1], "mlflow server")
            yield Figure("memory that files leave in the server", ours.megabytes - before, "MB", 30)
        finally:
            mine.close()
            peers.close()
            ours.close()
            theirs.close()
