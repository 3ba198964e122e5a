"""Connections that stay taken between transactions: to take one costs more than a short statement."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, Pool
from sqlalchemy.exc import TimeoutError as NoneFree

WAIT_SECONDS = 10.0
# Stands in the ``info`` of a connection that is taken before all others.
FAVOURITE = "mlops.favourite"


class KeptConnections:
    """Up to ``most`` connections of an engine, whose pool has room for as many.

    Each is used by one thread at a time, the favourite first, then the last one; who finds none free
    waits for one.
    """

    def __init__(self, engine: Engine, most: int) -> None:
        self.engine = engine
        self._free = threading.BoundedSemaphore(most)
        # Each with the pool that it came from, which an engine that is disposed of replaces.
        self._idle: deque[tuple[Pool, Connection]] = deque()
        self._favourite: deque[tuple[Pool, Connection]] = deque()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Give a connection in a transaction that ends with the block; an exception undoes it."""
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise NoneFree("no connection became free")
        try:
            pool, connection = self._take()
            try:
                with connection.begin():
                    yield connection
            except BaseException:
                # A refusal of ours has nothing to do with it; what else failed may have.
                if _is_whole(connection):
                    self._keep(pool, connection)
                else:
                    self._let_go(pool, connection)
                raise
            self._keep(pool, connection)
        finally:
            self._free.release()

    def connect(self) -> Connection:
        """Return a connection that is not kept."""
        return self.engine.connect()

    def dispose(self) -> None:
        """Let go of all connections; those in use go when their transaction ends."""
        # First: what is given back from now on is seen to be of another pool.
        self.engine.dispose()
        self._drain()

    def _take(self) -> tuple[Pool, Connection]:
        while True:
            # Before the connection: it may be of a later pool then, but never of an earlier one.
            current = self.engine.pool
            try:
                pool, connection = self._pop()
            except IndexError:
                return current, self.engine.connect()
            if pool is current:
                return pool, connection
            self._let_go(pool, connection)

    def _pop(self) -> tuple[Pool, Connection]:
        try:
            return self._favourite.pop()
        except IndexError:
            return self._idle.pop()

    def _keep(self, pool: Pool, connection: Connection) -> None:
        if pool is not self.engine.pool:
            self._let_go(pool, connection)
            return
        kept = self._favourite if FAVOURITE in connection.info else self._idle
        kept.append((pool, connection))
        if pool is not self.engine.pool:
            # All were let go of meanwhile.
            self._drain()

    def _drain(self) -> None:
        while True:
            try:
                self._let_go(*self._pop())
            except IndexError:
                return

    def _let_go(self, pool: Pool, connection: Connection) -> None:
        if pool is not self.engine.pool:
            # Back among the others of a pool that nobody uses any more it would stay open.
            connection.invalidate()
        connection.close()


def _is_whole(connection: Connection) -> bool:
    return not (connection.invalidated or connection.closed or connection.in_transaction())
