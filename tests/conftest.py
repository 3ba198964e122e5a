"""What many tests stand on: an empty home, and the store on each of its two engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.store.database import Database
from tests.postgresql import PostgresqlServer


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


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty store, on SQLite and on PostgreSQL."""
    opened = Database.open(database_url)
    yield opened
    opened.close()
