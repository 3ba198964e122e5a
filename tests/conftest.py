"""What many tests stand on: an empty home, and the store on each of its two engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.store.database import Database
from tests.postgresql import PostgresqlServer, database_name


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of the product, not made yet."""
    return tmp_path / "mlops"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL server, started at its first use."""
    server = PostgresqlServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgresqlServer) -> str:
    """The name of a database that holds an empty store: copying it is faster than making one."""
    url = postgresql.new_database()
    Database.open(url).close()
    return database_name(url)


@pytest.fixture
def postgresql_url(postgresql: PostgresqlServer) -> Iterator[str]:
    """An empty database of PostgreSQL."""
    url = postgresql.new_database()
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, home: Path) -> str:
    """Where a store is to be opened; nothing is there yet. Each test runs on both engines."""
    if request.param == "sqlite":
        return str(home / "store.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, home: Path) -> Iterator[str]:
    """Where an empty store is, or will be at once. Each test runs on both engines."""
    if request.param == "sqlite":
        yield str(home / "store.db")
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    url = server.new_database(request.getfixturevalue("postgresql_template"))
    yield url
    server.drop_database(url)


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    """An empty store, on SQLite and on PostgreSQL."""
    opened = Database.open(store_url)
    yield opened
    opened.close()
