"""A PostgreSQL server that dies is told as such, and nothing acknowledged is lost (row D11)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.store import events
from jupyter_mlops.store.database import Database
from tests.postgresql import PostgresqlServer


@pytest.fixture
def server() -> Iterator[PostgresqlServer]:
    """A server of this test alone: it is killed."""
    made = PostgresqlServer()
    yield made
    made.close()


def append(database: Database) -> int:
    with database.write() as connection:
        return events.append(connection, EventType.RUN_CHANGED, "x", "olive")


def outages(server: PostgresqlServer, count: int) -> None:
    database = Database.open(server.new_database())
    acknowledged = 0
    for _ in range(count):
        acknowledged = append(database)
        server.kill()
        for attempt in (database.write, database.read):
            with pytest.raises(Unavailable), attempt() as connection:
                events.last_seq(connection)
        with pytest.raises(Unavailable):
            database.change_counter()
        server.restart()
        # The same store goes on, without being opened again.
        with database.read() as connection:
            assert events.last_seq(connection) == acknowledged
        assert append(database) == acknowledged + 1
    database.close()


def test_a_database_that_dies_and_returns_loses_nothing(server: PostgresqlServer) -> None:
    outages(server, 2)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_hundred_deaths_of_the_database_lose_nothing(server: PostgresqlServer) -> None:
    outages(server, 100)


def test_a_database_that_dies_within_a_transaction_undoes_it(server: PostgresqlServer) -> None:
    database = Database.open(server.new_database())
    append(database)
    with pytest.raises(Unavailable), database.write() as connection:  # noqa: PT012
        events.append(connection, EventType.RUN_CHANGED, "lost", "olive")
        server.kill()
    server.restart()
    assert append(database) == 2
    database.close()
