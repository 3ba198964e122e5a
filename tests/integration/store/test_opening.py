"""Opening a store: by many at once, by others, by older programs, where it cannot be."""

from __future__ import annotations

import os
import pwd
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import events, sqlite
from jupyter_mlops.store.database import Connection, Database
from jupyter_mlops.store.tables import VERSION
from tests.integration.store.conftest import insert_run
from tests.queued_runs import queued_ids

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = [sys.executable, "-m", "tests.integration.store.store_programs"]


def start(*arguments: str, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    )


def last_seq(url: str) -> int:
    database = Database.open(url)
    with database.read() as connection:
        found = events.last_seq(connection)
    database.close()
    return found


def test_eight_processes_may_open_a_new_store_at_once(database_url: str, tmp_path: Path) -> None:
    signal = tmp_path / "now"
    programs = [start("open_together", database_url, str(signal)) for _ in range(8)]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "waiting\n"
    signal.touch()
    for program in programs:
        program.communicate(timeout=60)
    assert [program.returncode for program in programs] == [0] * 8
    assert last_seq(database_url) == 8


def test_processes_that_write_to_one_store_lose_nothing(store_url: str) -> None:
    programs = [start("append_events", store_url, "40") for _ in range(3)]
    for program in programs:
        program.communicate(timeout=100)
    assert [program.returncode for program in programs] == [0] * 3
    assert last_seq(store_url) == 120


def test_a_store_of_a_newer_program_can_be_read_but_not_changed(store_url: str) -> None:
    database = Database.open(store_url)
    with database.write() as connection:
        run_id = insert_run(connection)
        if connection.dialect.name == "sqlite":
            connection.execute(text("PRAGMA user_version = 99"))
        else:
            connection.execute(text("UPDATE alembic_version SET version_num = '0099'"))
    database.close()
    database = Database.open(store_url)
    assert database.read_only
    assert "newer version" in (database.read_only_reason or "")
    with database.read() as connection:
        assert queued_ids(connection) == [run_id]
    with pytest.raises(Unavailable, match="newer version"), database.write():
        pass
    database.close()


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Database.open(f"postgresql://nobody:pass-7f3a@/x?host={tmp_path}")
    assert "7f3a" not in str(refused.value)


def test_the_settings_that_protect_the_file_are_in_force(home: Path) -> None:
    database = Database.open(home / "store.db")
    for transaction in (database.read, database.write):
        with transaction() as connection:
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in (
                    "journal_mode",
                    "synchronous",
                    "foreign_keys",
                    "busy_timeout",
                    "trusted_schema",
                    "cell_size_check",
                    "mmap_size",
                    "application_id",
                    "user_version",
                )
            }
        assert found == {
            "journal_mode": "wal",
            "synchronous": 2,
            "foreign_keys": 1,
            "busy_timeout": 10_000,
            "trusted_schema": 0,
            "cell_size_check": 1,
            "mmap_size": 0,
            "application_id": 0x4A4D4C4F,
            "user_version": VERSION,
        }
    with database.read() as connection:
        made = connection.execute(
            text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
        ).scalars()
        assert set(made) == {"alembic_version", "sqlite_schema", "sqlite_sequence"}
    database.close()


def test_home_and_files_are_private_whatever_the_umask(home: Path) -> None:
    before = os.umask(0)
    try:
        database = Database.open(home / "store.db")
        with database.write() as connection:
            insert_run(connection)
        backup = database.backup()
        modes = {
            path: stat.S_IMODE(path.stat().st_mode) for path in [home, backup, *home.iterdir()]
        }
        database.close()
    finally:
        os.umask(before)
    assert home / "store.db-wal" in modes
    for path, mode in modes.items():
        assert mode == (0o700 if path in (home, backup.parent) else 0o600), path


def test_a_home_that_was_open_to_others_is_closed(home: Path) -> None:
    home.mkdir(mode=0o755, parents=True)
    home.chmod(0o777)
    Database.open(home / "store.db").close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_folder_that_is_shared_on_purpose_stays_open(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    Database.open(shared / "store.db").close()
    ContentStore(shared)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777


def test_a_locked_store_is_told_and_works_once_it_is_free(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    database = Database.open(home / "store.db")
    other = sqlite3.connect(home / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"), database.write():
        pass
    other.execute("ROLLBACK")
    other.close()
    with database.write() as connection:
        insert_run(connection)
    database.close()


def test_a_query_without_end_is_broken_off(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.05)
    database = Database.open(home / "store.db")
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
    with pytest.raises(Unavailable, match="too long"), database.read() as connection:
        connection.execute(text(endless)).all()
    with database.read() as connection:
        assert queued_ids(connection) == []
    database.close()


@pytest.fixture
def common_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def look_as_other_user(path: Path) -> str:
    """Open a store as somebody who is not root, for whom permissions count."""
    output, _ = start("look_as", "nobody", str(path)).communicate(timeout=60)
    return output


def own(path: Path) -> None:
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        shutil.chown(path, user.pw_uid, user.pw_gid)


def test_a_folder_that_cannot_be_written_is_told(common_folder: Path) -> None:
    folder = common_folder / "readonly"
    folder.mkdir()
    own(folder)
    folder.chmod(0o500)
    common_folder.chmod(0o555)
    for home in (folder / "inner", common_folder / "absent"):
        output = look_as_other_user(home / "store.db")
        assert output.startswith("unavailable: The store cannot be written: check the permissions")
    common_folder.chmod(0o755)


def test_a_file_that_cannot_be_written_is_read(common_folder: Path) -> None:
    home = common_folder / "home"
    database = Database.open(home / "store.db")
    with database.write() as connection:
        insert_run(connection)
    database.close()
    for path in (home, *home.iterdir()):
        own(path)
    (home / "store.db").chmod(0o400)
    lines = look_as_other_user(home / "store.db").splitlines()
    assert lines[0] == "read 1"
    assert lines[1].startswith("unavailable: The store cannot be written")


def test_a_second_user_cannot_look_into_a_home(common_folder: Path) -> None:
    home = common_folder / "home"
    before = os.umask(0)
    try:
        Database.open(home / "store.db").close()
    finally:
        os.umask(before)
    if os.geteuid() == 0:
        assert look_as_other_user(home / "store.db").startswith("unavailable")
    assert [path for path in home.rglob("*") if path.stat().st_mode & 0o077] == []


def test_several_processes_of_postgresql_never_look_for_one_page(postgresql_url: str) -> None:
    """They would each read far beyond a page that is found soon."""
    eager = ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size")

    def plan(connection: Connection) -> str:
        for name in eager:
            connection.exec_driver_sql(f"SET LOCAL {name} = 0")
        return str(connection.exec_driver_sql("EXPLAIN SELECT count(prosrc) FROM pg_proc").all())

    database = Database.open(postgresql_url)
    with database.read() as connection:
        assert "Gather" not in plan(connection)
        connection.exec_driver_sql("SET LOCAL max_parallel_workers_per_gather = 2")
        assert "Gather" in plan(connection)
    database.close()


@pytest.mark.parametrize("prefix", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_an_address_of_postgresql_is_known_in_each_spelling(
    postgresql_url: str, prefix: str
) -> None:
    database = Database.open(postgresql_url.replace("postgresql://", prefix, 1))
    with database.read() as connection:
        assert connection.dialect.name == "postgresql"
    database.close()


@pytest.mark.parametrize("address", ["mysql://ada:secret@host/runs", "sqlite:///store.db"])
def test_any_other_address_is_no_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unavailable, match="must begin with postgresql://") as refused:
        Database.open(address)
    assert "secret" not in refused.value.message
    assert list(tmp_path.iterdir()) == []
