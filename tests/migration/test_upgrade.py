"""An upgrade of the store is complete or has not happened, and a backup is made first (row D7)."""

from __future__ import annotations

import itertools
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jupyter_mlops import durable
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import StoreDamaged, Unavailable
from jupyter_mlops.store import backup_reading, restoring, schema
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import VERSION
from tests.faults.power import crashing_disk
from tests.faults.store_workload import write_one
from tests.migration.conftest import NEXT, NextVersion
from tests.migration.table_rows import row_digests
from tests.postgresql import PostgresqlServer, database_name

ROOT = Path(__file__).resolve().parents[2]
PREPARED = 3
Digests = dict[str, str]


def fill(url: str, home: Path) -> Digests:
    """Make a store with rows of every kind and return their digests."""
    database, content = Database.open(url), ContentStore(home)
    for number in range(8):
        write_one(database, content, number)
    database.close()
    return look(url)[1]


def look(url: str) -> tuple[int, Digests]:
    """Return the version of the schema and the digests of all rows."""
    database = Database.open(url)
    with database.read() as connection:
        found = schema.current(connection), row_digests(connection)
    database.close()
    return found


def run_upgrade(
    url: str | Path, next_version: NextVersion, die_at: int
) -> subprocess.CompletedProcess[str]:
    arguments = [str(url), str(next_version.scripts), str(NEXT), str(die_at)]
    return subprocess.run(
        [sys.executable, "-m", "tests.migration.upgrade_program", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_upgrade_keeps_every_row(store_url: str, home: Path, next_version: NextVersion) -> None:
    before = fill(store_url, home)
    with next_version.installed():
        assert look(store_url) == (NEXT, before)
        database = Database.open(store_url)
        with database.read() as connection:
            red = text("SELECT count(*) FROM runs JOIN colours ON id = seq WHERE colour = 'red'")
            assert connection.execute(red).scalar() == 8
        write_one(database, ContentStore(home), 8)
        database.close()


def test_an_older_program_reads_an_upgraded_store_and_changes_nothing(
    store_url: str, home: Path, next_version: NextVersion
) -> None:
    before = fill(store_url, home)
    with next_version.installed():
        Database.open(store_url).close()
    database = Database.open(store_url)
    assert "newer" in (database.read_only_reason or "")
    with pytest.raises(Unavailable, match="newer"), database.write():
        pass
    database.close()
    assert look(store_url) == (NEXT, before)


def test_the_backup_before_an_upgrade_is_the_store_as_it_was(
    home: Path, next_version: NextVersion
) -> None:
    path = home / "store.db"
    before = fill(str(path), home)
    with next_version.installed():
        Database.open(path).close()
    [backup] = path.parent.glob(f"backups/*-before-{NEXT:04d}.db")
    restoring.restore(path, backup, (), 1)
    assert look(str(path)) == (VERSION, before)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("raise KeyError", KeyError),
        ('op.execute("UPDATE runs SET no_such_column = 1")', SQLAlchemyError),
    ],
)
def test_an_upgrade_that_fails_changes_nothing(
    store_url: str, home: Path, next_version: NextVersion, body: str, error: type[Exception]
) -> None:
    before = fill(store_url, home)
    next_version.replace_revision(f'op.drop_table("tags"); {body}')
    with next_version.installed(), pytest.raises((error, Unavailable)):
        Database.open(store_url)
    assert look(store_url) == (VERSION, before)


def test_an_upgrade_that_would_orphan_rows_changes_nothing(
    home: Path, next_version: NextVersion
) -> None:
    path = home / "store.db"
    before = fill(str(path), home)
    next_version.replace_revision('op.execute("DELETE FROM experiments")')
    with next_version.installed(), pytest.raises(StoreDamaged):
        Database.open(path)
    assert look(str(path)) == (VERSION, before)


def test_a_damaged_store_is_not_upgraded_and_the_way_out_is_told(
    home: Path, next_version: NextVersion
) -> None:
    path = home / "store.db"
    fill(str(path), home)
    with closing(sqlite3.connect(path)) as beside:
        beside.execute("UPDATE runs SET experiment_id = 999 WHERE seq = 1")
        beside.commit()
    (home / "store.seal").unlink()
    before = look(str(path))
    (home / "store.seal").unlink(missing_ok=True)
    with (
        next_version.installed(),
        pytest.raises(StoreDamaged, match="`jupyter mlops restore"),
    ):
        Database.open(path)
    assert look(str(path)) == before


def test_a_store_in_use_by_an_older_program_is_not_upgraded(
    home: Path, next_version: NextVersion
) -> None:
    path = home / "store.db"
    before = fill(str(path), home)
    older = Database.open(path)
    with next_version.installed(), pytest.raises(Unavailable, match="older version"):
        Database.open(path)
    older.close()
    assert look(str(path)) == (VERSION, before)


@dataclass(frozen=True)
class Filled:
    """A store with rows, and copies of it to be harmed."""

    before: Digests
    copy: Callable[[], str]


@pytest.fixture
def filled(request: pytest.FixtureRequest, store_url: str, home: Path, tmp_path: Path) -> Filled:
    before = fill(store_url, home)
    numbers = itertools.count()

    def copy() -> str:
        if store_url.startswith("postgresql:"):
            server: PostgresqlServer = request.getfixturevalue("postgresql")
            return server.new_database(database_name(store_url))
        return str(shutil.copytree(home, tmp_path / f"copy{next(numbers)}") / "store.db")

    return Filled(before, copy)


def die_at(filled: Filled, next_version: NextVersion, statement: int) -> int:
    """Upgrade, die at one statement, look; return the version that the store is at."""
    url = filled.copy()
    died = run_upgrade(url, next_version, statement)
    assert died.returncode == -signal.SIGKILL, died.stderr
    version, after = look(url)
    assert after == filled.before
    # The next start finishes what the dead one could not.
    with next_version.installed():
        assert look(url) == (NEXT, filled.before)
    return version


def count_statements(filled: Filled, next_version: NextVersion) -> int:
    """Return how many statements an upgrade takes."""
    done = run_upgrade(filled.copy(), next_version, 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_killed_upgrade_is_complete_or_has_not_happened(
    filled: Filled, next_version: NextVersion
) -> None:
    last = count_statements(filled, next_version)
    versions = [die_at(filled, next_version, last * part // 6) for part in range(1, 7)]
    assert versions == sorted(versions)
    assert set(versions) <= {VERSION, NEXT}


@pytest.mark.long
@pytest.mark.timeout(0)
def test_an_upgrade_killed_at_any_statement_is_complete_or_has_not_happened(
    filled: Filled, next_version: NextVersion
) -> None:
    last = count_statements(filled, next_version)
    versions = [die_at(filled, next_version, statement) for statement in range(1, last + 1)]
    assert versions == sorted(versions)
    assert set(versions) == {VERSION, NEXT}


def lose_power_at(folder: Path, filled: Filled, next_version: NextVersion, sync: int) -> int:
    """Upgrade on a disk that loses power, and return the version found afterwards."""
    source = Path(filled.copy()).parent
    with crashing_disk(folder, f"--cut={sync + 1}") as disk:
        home = disk.mount / "home"
        home.mkdir()
        (home / "store.db").write_bytes((source / "store.db").read_bytes())
        # PREPARED fsyncs, before which nothing is cut.
        for path in (home / "store.db", home, disk.mount):
            durable.sync_file(path)
        run_upgrade(home / "store.db", next_version, 0)
        disk.cut()
    path = folder / "saved" / "home" / "store.db"
    path.with_suffix(".owner").unlink(missing_ok=True)
    version, after = look(str(path))
    assert after == filled.before
    if version == NEXT:
        [backup] = path.parent.glob(f"backups/*-before-{NEXT:04d}.db")
        assert backup_reading.fault(backup) is None
    return version


@pytest.fixture
def on_sqlite(home: Path, tmp_path: Path) -> Filled:
    """A store on SQLite: PostgreSQL's own disk is not ours to cut."""
    before = fill(str(home / "store.db"), home)
    numbers = itertools.count()
    return Filled(
        before,
        lambda: str(shutil.copytree(home, tmp_path / f"copy{next(numbers)}") / "store.db"),
    )


def test_an_upgrade_that_loses_power_is_complete_or_has_not_happened(
    on_sqlite: Filled, next_version: NextVersion, tmp_path: Path
) -> None:
    versions = [
        lose_power_at(tmp_path / str(sync), on_sqlite, next_version, sync)
        for sync in (PREPARED + 1, 12, 18, 200)
    ]
    assert (versions[0], versions[-1]) == (VERSION, NEXT)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_an_upgrade_that_loses_power_at_any_fsync_is_complete_or_has_not_happened(
    on_sqlite: Filled, next_version: NextVersion, tmp_path: Path
) -> None:
    versions = [
        lose_power_at(tmp_path / str(sync), on_sqlite, next_version, sync)
        for sync in range(PREPARED, 60)
    ]
    assert versions == sorted(versions)
    assert set(versions) == {VERSION, NEXT}
