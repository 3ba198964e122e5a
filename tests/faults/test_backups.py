"""Backups: when they are made, what they hold, and what becomes of old ones (row D8)."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from jupyter_mlops import durable
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import InvalidRequest, NotFound, StoreDamaged, Unavailable
from jupyter_mlops.services.backups import BackupService
from jupyter_mlops.services.housekeeping import Housekeeping
from jupyter_mlops.store import backup_reading, backups
from jupyter_mlops.store import trash as trash_rows
from jupyter_mlops.store.database import Database
from tests.faults.store_workload import Acknowledged, check, write_one
from tests.faults.test_durability_kill import start
from tests.integration.trash.conftest import ENDED, Trash


def fill(home: Path, count: int) -> Database:
    """Return an open store with some runs in it."""
    database, content = Database.open(home / "store.db"), ContentStore(home)
    for number in range(count):
        write_one(database, content, number)
    return database


def available(home: Path) -> list[Path]:
    return backups.available(home / "store.db")


def make_old(backup: Path) -> None:
    """Let a backup look as though it was made more than a day ago."""
    yesterday = backup.stat().st_mtime - backups.DAY_SECONDS - 1
    os.utime(backup, (yesterday, yesterday))
    backup.rename(backup.with_name("20200101T000000Z-daily.db"))


def never() -> bool:
    return False


def test_a_store_that_is_opened_has_a_backup_of_the_day(home: Path) -> None:
    fill(home, 2).close()
    assert available(home) == []
    for _ in range(2):
        Database.open(home / "store.db").close()
        [backup] = available(home)
    make_old(backup)
    Database.open(home / "store.db").close()
    assert len(available(home)) == 2
    assert [backup_reading.fault(path) for path in available(home)] == [None, None]


def test_a_store_that_stays_open_has_a_backup_of_each_day(home: Path) -> None:
    database = fill(home, 0)
    # A copy of nothing would be the newest backup until tomorrow.
    assert database.daily_backup(never) is None
    write_one(database, ContentStore(home), 0)
    made = database.daily_backup(never)
    assert made is not None
    assert database.daily_backup(never) is None
    make_old(made)
    write_one(database, ContentStore(home), 1)
    assert database.daily_backup(never) is not None
    database.close()
    newest, oldest = available(home)
    assert backup_reading.summary(newest).runs == 2
    assert backup_reading.summary(oldest).runs == 1


def test_a_backup_unasked_has_bounds_of_size_room_and_time(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = fill(home, 3)
    size = (home / "store.db").stat().st_size
    with monkeypatch.context() as patch:
        patch.setattr(backups, "UNASKED_BYTES", size - 1)
        assert database.daily_backup(never) is None
    with monkeypatch.context() as patch:
        patch.setattr(backups, "RESERVE_BYTES", 1 << 60)
        assert database.daily_backup(never) is None
    monkeypatch.setattr("jupyter_mlops.store.soundness._STEPS_BETWEEN_LOOKS", 10)
    with pytest.raises(Unavailable):
        database.daily_backup(lambda: True)
    assert list((home / "backups").iterdir()) == [], "nothing half-made is left behind"
    assert database.daily_backup(never) is not None
    database.close()


def test_a_backup_broken_off_while_its_copy_is_read_is_no_damage(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_mlops.store.soundness._STEPS_BETWEEN_LOOKS", 10)
    database = fill(home, 3)
    copied: list[Path] = []
    sync = durable.sync_file

    def sync_copy(path: Path) -> None:
        sync(path)
        copied.append(path)

    monkeypatch.setattr(durable, "sync_file", sync_copy)
    asked = []

    def interrupted_once() -> bool:
        # One that is false again when it is asked why the work ended.
        asked.extend(copied)
        return len(asked) == 1

    with pytest.raises(Unavailable, match="too long"):
        database.daily_backup(interrupted_once)
    assert asked
    database.close()
    assert (home / "store.seal").exists(), "the store is as good as before"


def test_a_backup_keeps_no_writer_waiting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_mlops.store.soundness._STEPS_BETWEEN_LOOKS", 500)
    database = fill(home, 3)
    content, written = ContentStore(home), []

    def write() -> bool:
        # Asked in the middle of the copy: a writer goes on, and commits.
        if len(written) < 3:
            written.append(write_one(database, content, 3 + len(written)))
        return False

    made = database.daily_backup(write)
    assert made is not None
    assert len(written) == 3
    assert backup_reading.summary(made).runs >= 3
    database.close()


def test_daily_backups_are_few_and_not_too_large_together_and_others_stay(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = fill(home, 1)
    by_hand = database.backup()
    before_upgrade = home / "backups" / "20200101T000000Z-before-0002.db"
    before_upgrade.write_bytes(by_hand.read_bytes())
    for day in range(1, 13):
        (home / "backups" / f"202001{day:02d}T000000Z-daily.db").write_bytes(b"x" * 1_000)
    long_ago = time.time() - 2 * backups.DAY_SECONDS
    for path in available(home):
        os.utime(path, (long_ago, long_ago))
    newest = database.daily_backup(never)
    kept = available(home)
    assert len([path for path in kept if "daily" in path.name]) == backups.KEPT
    assert {newest, by_hand, before_upgrade} < set(kept)
    assert newest is not None
    monkeypatch.setattr(backups, "KEPT_BYTES", newest.stat().st_size + 2_500)
    backups.prune(home / "store.db")
    assert len([path for path in available(home) if "daily" in path.name]) == 3
    monkeypatch.setattr(backups, "KEPT_BYTES", 1)
    backups.prune(home / "store.db")
    database.close()
    assert set(available(home)) == {newest, by_hand, before_upgrade}


def break_a_reference(home: Path) -> None:
    beside = sqlite3.connect(home / "store.db")
    beside.execute("PRAGMA foreign_keys=OFF")
    beside.execute("UPDATE runs SET experiment_id = 999 WHERE seq = 1")
    beside.commit()
    beside.close()


def test_a_store_whose_copy_is_not_sound_has_no_backup(home: Path) -> None:
    database = fill(home, 3)
    break_a_reference(home)
    with pytest.raises(StoreDamaged, match="jupyter mlops restore"):
        database.backup()
    with pytest.raises(StoreDamaged, match="jupyter mlops restore"):
        database.daily_backup(never)
    assert available(home) == []
    database.close()
    assert not (home / "store.seal").exists(), "it is not vouched for"


def test_nothing_is_removed_on_the_word_of_a_damaged_store(home: Path) -> None:
    trash = Trash(Database.open(home / "store.db"), home)
    house = Housekeeping(trash.database, trash.service, trash.collector, 30, leads=lambda: True)
    break_a_reference(home)
    with pytest.raises(StoreDamaged):
        house.round()
    with trash.database.read() as connection:
        assert trash_rows.count(connection) == ENDED
    trash.database.close()


def test_a_backup_by_hand_goes_where_it_was_told_and_replaces_nothing(
    home: Path, tmp_path: Path
) -> None:
    fill(home, 3).close()
    service = BackupService(home)
    assert service.make(tmp_path / "mine.db").runs == 3
    assert service.make(tmp_path).path.parent == tmp_path
    before = (tmp_path / "mine.db").read_bytes()
    for bad in (tmp_path / "mine.db", tmp_path / "nowhere" / "mine.db"):
        with pytest.raises(InvalidRequest):
            service.make(bad)
    assert (tmp_path / "mine.db").read_bytes() == before
    with pytest.raises(NotFound, match="no store"):
        BackupService(tmp_path / "empty").make()


def test_a_home_with_its_records_in_postgresql_is_told_what_to_use(tmp_path: Path) -> None:
    (tmp_path / "home.id").write_text("0" * 32)
    service = BackupService(tmp_path)
    for ask in (service.make, service.plan):
        with pytest.raises(Unavailable, match="pg_dump"):
            ask()


def backups_under_load(home: Path, count: int, chance: random.Random) -> None:
    """Back up while another process writes: each backup has what was acknowledged before it."""
    process, printed = start(home)
    service = BackupService(home)
    acknowledged, made = b"", []
    with printed:
        for place in range(count):
            acknowledged += b"".join(printed.readline() for _ in range(chance.randrange(1, 12)))
            made.append((service.make(home.parent / f"{place}.db").path, acknowledged))
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    for backup, output in made:
        service.restore(service.plan(backup))
        assert check(home, Acknowledged.parse(output)) >= output.count(b"\n") > 0


def test_a_backup_under_load_restores_to_all_that_was_acknowledged_before_it(home: Path) -> None:
    backups_under_load(home, 5, random.Random(5))  # noqa: S311


@pytest.mark.long
@pytest.mark.timeout(0)
def test_fifty_backups_under_load_restore_to_all_that_was_acknowledged(home: Path) -> None:
    backups_under_load(home, 50, random.Random(50))  # noqa: S311
