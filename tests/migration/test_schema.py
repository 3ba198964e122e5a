"""The schema: migrated equals fresh, versions follow one another, Alembic stays out of the way."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from jupyter_mlops.store import sqlite
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.migrations import upgrade
from jupyter_mlops.store.postgresql import PostgresqlStore
from jupyter_mlops.store.tables import VERSION
from tests.migration.table_rows import shape
from tests.postgresql import PostgresqlServer


def test_a_migrated_sqlite_store_equals_a_fresh_one(home: Path, tmp_path: Path) -> None:
    fresh = Database.open(home / "store.db")
    with fresh.read() as connection:
        wanted = shape(connection)
    fresh.close()
    empty = tmp_path / "empty.db"
    empty.touch()
    engine = sqlite.writer(empty)
    with engine.begin() as connection:
        upgrade.upgrade(connection)
        assert shape(connection) == wanted
    engine.dispose()


def test_a_migrated_postgresql_store_equals_a_fresh_one(postgresql: PostgresqlServer) -> None:
    store = PostgresqlStore(postgresql.new_database())
    with store.writer.begin() as connection:
        wanted = shape(connection)
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        upgrade.upgrade(connection)
        assert shape(connection) == wanted
        assert len(wanted) > 100
    store.close()


def test_versions_follow_one_another_up_to_the_present_one() -> None:
    names = sorted(path.name for path in (upgrade.SCRIPTS / "versions").glob("v*.py"))
    assert all(re.fullmatch(r"v\d{4}_\w+\.py", name) for name in names)
    assert [int(name[1:5]) for name in names] == list(range(1, VERSION + 1))


def test_a_store_that_needs_no_upgrade_opens_without_alembic(home: Path) -> None:
    program = (
        "import sys; from jupyter_mlops.store.database import Database\n"
        "for _ in range(2): Database.open(sys.argv[1]).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", program, str(home / "store.db")]
    assert subprocess.run(command, check=False).returncode == 0
