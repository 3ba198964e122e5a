"""Connections that stay taken between transactions: to take one costs more than a short statement."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


class KeptConnections:
    """The connections of an engine; each is used by one thread at a time, the last one first."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._idle: deque[Connection] = deque()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a transaction that ends with the block; an exception undoes it."""
        idle = self._idle
        try:
            connection = idle.pop()
        except IndexError:
            connection = self.engine.connect()
        try:
            with connection.begin():
                yield connection
        except BaseException:
            # What failed may have to do with it.
            connection.close()
            raise
        if idle is self._idle:
            idle.append(connection)
        else:
            # Back among the others of a pool that nobody uses any more it would stay open.
            connection.invalidate()
            connection.close()

    def connect(self) -> Connection:
        """Return a connection that is not kept."""
        return self.engine.connect()

    def dispose(self) -> None:
        """Let go of all connections; those in use go when their transaction ends."""
        idle, self._idle = self._idle, deque()
        while idle:
            idle.pop().close()
        self.engine.dispose()
