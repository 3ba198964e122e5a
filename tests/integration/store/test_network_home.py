"""A store on a network file system has one owner, and no write-ahead log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import network_file_system, sqlite
from jupyter_mlops.store.database import Database
from tests.faults.power import crashing_disk
from tests.integration.store.conftest import insert_run
from tests.integration.store.test_opening import start
from tests.queued_runs import queued_ids

# Longer than a read may take in these tests.
LONG = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
    "SELECT sum(i) FROM n"
)


def read_long(database: Database) -> None:
    with database.read() as connection:
        connection.execute(text(LONG)).all()


def open_on_network(home: Path) -> Database:
    return Database.open(home / "store.db", network=True)


def write_and_close(database: Database) -> None:
    with database.write() as connection:
        insert_run(connection)
    database.close()


def owner_file(home: Path, **fields: object) -> Path:
    """Leave an owner's file as if another process had written it."""
    owner = {
        "token": "0" * 32,
        "host": "other-host",
        "boot_id": "other-boot",
        "pid": os.getpid(),
        "pid_started": 1.0,
    }
    home.mkdir(parents=True, exist_ok=True)
    path = home / "store.owner"
    path.write_text(json.dumps({**owner, **fields}))
    return path


def start_holder(home: Path) -> subprocess.Popen[str]:
    holder = start("hold", str(home / "store.db"))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    return holder


def test_a_network_file_system_is_recognised(tmp_path: Path) -> None:
    assert network_file_system.network_file_system(tmp_path) is None
    with crashing_disk(tmp_path / "disk") as disk:
        kind = network_file_system.network_file_system(disk.mount)
        database = Database.open(disk.mount / "home" / "store.db")
        with database.read() as connection:
            mode = connection.execute(text("PRAGMA journal_mode")).scalar()
        database.close()
    assert (kind, mode) == ("fuse.crashfs", "truncate")


def test_there_is_no_write_ahead_log_and_the_file_is_held_alone(home: Path) -> None:
    database = open_on_network(home)
    before = database.change_counter()
    with database.write() as connection:
        run_id = insert_run(connection)
        assert connection.execute(text("PRAGMA locking_mode")).scalar() == "exclusive"
    assert database.change_counter() != before
    assert not (home / "store.db-wal").exists()
    with database.read() as connection:
        assert queued_ids(connection) == [run_id]
    assert database.backup().exists()
    database.close()
    assert not (home / "store.owner").exists()


def test_a_second_owner_is_refused_and_told_who_the_first_is(home: Path) -> None:
    holder = start_holder(home)
    with pytest.raises(Unavailable, match=f"process {holder.pid}"):
        open_on_network(home)
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    # The dead one is known to be dead: no waiting.
    write_and_close(open_on_network(home))


def test_an_owner_on_another_host_is_gone_once_it_was_silent_for_a_minute(home: Path) -> None:
    path = owner_file(home)
    with pytest.raises(Unavailable, match="other-host"):
        open_on_network(home)
    silent = time.time() - network_file_system.STALE_SECONDS - 1
    os.utime(path, (silent, silent))
    write_and_close(open_on_network(home))


def test_a_process_that_got_the_number_of_a_dead_owner_is_not_taken_for_it(home: Path) -> None:
    owner = network_file_system._this_process()
    owner_file(home, host=owner.host, boot_id=owner.boot_id, pid_started=owner.pid_started - 5)
    write_and_close(open_on_network(home))


def test_who_lost_the_store_writes_no_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_file_system, "HEARTBEAT_SECONDS", 0.02)
    database = open_on_network(home)
    with database.write() as connection:
        insert_run(connection)
    owner_file(home)
    lease = database._backend._lease  # type: ignore[attr-defined]
    lease._thread.join(timeout=30)
    with pytest.raises(Unavailable, match="other-host"), database.write():
        pass
    assert database.read_only
    database.close()
    assert (home / "store.owner").exists()


def test_a_local_store_that_moves_to_a_network_home_keeps_everything(home: Path) -> None:
    database = Database.open(home / "store.db", network=False)
    with database.write() as connection:
        run_id = insert_run(connection)
    database.close()
    for network in (True, False):
        database = Database.open(home / "store.db", network=network)
        with database.read() as connection:
            assert queued_ids(connection) == [run_id]
        database.close()


def test_a_query_without_end_is_broken_off_and_a_long_write_is_not(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.05)
    database = open_on_network(home)
    with pytest.raises(Unavailable, match="too long"):
        read_long(database)
    with database.write() as connection:
        started = time.monotonic()
        assert connection.scalar(text(LONG)) > 0
        assert time.monotonic() - started > 0.05
    with database.read() as connection:
        assert queued_ids(connection) == []
    database.close()


def test_a_backup_has_no_limit_of_reads_and_leaves_it_to_those_after_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "READ_SECONDS", 0.05)
    monkeypatch.setattr(sqlite, "_STEPS_BETWEEN_LOOKS", 10)
    write_and_close(open_on_network(home))
    database = open_on_network(home)
    assert len(list((home / "backups").iterdir())) == 1, "the opening made one"
    for look in (database.faults, database.backup, database.named_files):
        with pytest.raises(Unavailable, match="too long"):
            read_long(database)
        # The time of that read is over, and none of its own begins.
        look()
    with pytest.raises(Unavailable, match="too long"):
        read_long(database)
    time.sleep(0.05)
    database.close()
    assert (home / "store.seal").exists(), "the look at the end was not broken off"


def test_only_a_change_counts_as_one(home: Path) -> None:
    database = open_on_network(home)
    before = database.change_counter()
    with database.read() as connection:
        queued_ids(connection)
    assert database.change_counter() == before
    with database.write() as connection:
        insert_run(connection)
    assert database.change_counter() != before
    database.close()


def test_a_clock_that_was_set_gives_a_store_to_nobody_else(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # psutil adds the time of the start of the machine, which moves with the clock.
    real = psutil.Process.create_time
    with start_holder(home) as holder:
        monkeypatch.setattr(psutil.Process, "create_time", lambda process: real(process) + 3_600)
        with pytest.raises(Unavailable, match=f"process {holder.pid}"):
            open_on_network(home)
        holder.kill()
    open_on_network(home).close()
