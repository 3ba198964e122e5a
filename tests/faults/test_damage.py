"""Damage is noticed, kept and told, never hidden or repaired by deletion (row D9)."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import inspect

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import MlopsError, StoreDamaged
from jupyter_mlops.store import damage, runs
from jupyter_mlops.store.database import Database
from tests.faults.store_workload import run_id_of, write_one


def fill(home: Path, count: int) -> Database:
    """Return an open store with some runs in it."""
    database, content = Database.open(home / "store.db"), ContentStore(home)
    for number in range(count):
        write_one(database, content, number)
    return database


def flip(path: Path, place: int, mask: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= mask
    path.write_bytes(data)


def files(home: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.glob("store.db*")}


def is_reported(home: Path) -> bool:
    before = files(home)
    try:
        Database.open(home / "store.db").close()
    except StoreDamaged:
        # What is damaged stays as it was found.
        assert files(home) == before
        return True
    return False


def test_what_to_do_about_damage_is_told_with_the_backup_that_there_is(home: Path) -> None:
    fill(home, 2).close()
    shutil.copy(home / "store.db", home / "good.db")
    flip(home / "store.db", 9_000, 1)
    with pytest.raises(StoreDamaged, match=r"no backup .* `jupyter mlops restore --from FILE`"):
        Database.open(home / "store.db")
    (home / "backups").mkdir()
    backup = (home / "good.db").rename(home / "backups" / "20260101T000000Z-daily.db")
    os.utime(backup, (1_767_225_600, 1_767_225_600))
    with pytest.raises(StoreDamaged, match=r"of 2026-01-01 00:00 UTC: .* `jupyter mlops restore`"):
        Database.open(home / "store.db")


def flips_of_a_closed_store(home: Path, count: int) -> None:
    fill(home, 10).close()
    good, seal = (home / "store.db").read_bytes(), (home / "store.seal").read_bytes()
    chance = random.Random(count)  # noqa: S311
    for _ in range(count):
        (home / "store.db").write_bytes(good)
        (home / "store.seal").write_bytes(seal)
        flip(home / "store.db", chance.randrange(len(good)), 1 << chance.randrange(8))
        assert is_reported(home)
        assert is_reported(home), "damage is reported every time, not once"


def test_any_flipped_bit_of_a_closed_store_is_reported(home: Path) -> None:
    flips_of_a_closed_store(home, 25)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_thousands_of_flipped_bits_are_all_reported(home: Path) -> None:
    flips_of_a_closed_store(home, 2_500)


def flips_of_a_crashed_store(home: Path, crashed: Path, count: int) -> None:
    """Flip bits in the log that a process left behind when it died."""
    database = fill(home, 4)
    shutil.copytree(home, crashed)
    database.close()
    wal = (crashed / "store.db-wal").read_bytes()
    rest = files(crashed)
    chance = random.Random(count)  # noqa: S311
    for _ in range(count):
        for name, data in rest.items():
            (crashed / name).write_bytes(data)
        flip(crashed / "store.db-wal", chance.randrange(len(wal)), 1 << chance.randrange(8))
        assert is_reported(crashed)


def test_any_flipped_bit_of_the_log_of_a_crashed_store_is_reported(
    home: Path, tmp_path: Path
) -> None:
    flips_of_a_crashed_store(home, tmp_path / "crashed", 25)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_thousands_of_flipped_bits_of_the_log_are_all_reported(home: Path, tmp_path: Path) -> None:
    flips_of_a_crashed_store(home, tmp_path / "crashed", 2_500)


def test_a_log_whose_early_part_is_damaged_is_reported_also_after_a_power_cut(
    home: Path, tmp_path: Path
) -> None:
    database = fill(home, 4)
    crashed = tmp_path / "crashed"
    shutil.copytree(home, crashed)
    database.close()
    # A machine that lost power forgets the shared index.
    (crashed / "store.db-shm").unlink()
    flip(crashed / "store.db-wal", 32 + 24 + 5, 1)
    assert is_reported(crashed)


def test_a_log_cut_off_in_its_last_transaction_is_no_damage(home: Path, tmp_path: Path) -> None:
    database = fill(home, 4)
    crashed = tmp_path / "crashed"
    shutil.copytree(home, crashed)
    database.close()
    (crashed / "store.db-shm").unlink()
    wal = crashed / "store.db-wal"
    wal.write_bytes(wal.read_bytes()[:-2_000])
    database = Database.open(crashed / "store.db")
    with database.read() as connection:
        assert len(runs.active(connection)) == 3
    database.close()


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5_000])


def _other_text(path: Path) -> None:
    path.write_text("my notes, saved under a bad name")


def _other_database(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA application_id = 7")
        connection.execute("CREATE TABLE mine (x)")
    connection.close()


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


@pytest.mark.parametrize("harm", [_truncate, _other_text, _other_database, _zeros])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_file_that_is_no_store_of_ours_is_left_alone(
    home: Path, harm: Callable[[Path], None], sealed: bool
) -> None:
    fill(home, 3).close()
    if not sealed:
        (home / "store.seal").unlink()
    harm(home / "store.db")
    assert is_reported(home)


def test_damage_that_happens_while_the_store_is_open_is_told(home: Path) -> None:
    database = fill(home, 20)
    database.close()
    database = Database.open(home / "store.db")
    page = 4_096
    with (home / "store.db").open("r+b") as file:
        for place in range(1, 40):
            file.seek(place * page)
            file.write(b"\xff" * page)
    with pytest.raises(StoreDamaged), database.read() as connection:  # noqa: PT012
        for number in range(20):
            runs.get(connection, run_id_of(number))
    database.close()
    assert not (home / "store.seal").exists()
    assert is_reported(home)


def test_a_seal_that_cannot_be_read_does_not_lock_anybody_out(home: Path) -> None:
    fill(home, 2).close()
    damage.seal_path(home / "store.db").write_bytes(b"{half")
    try:
        Database.open(home / "store.db").close()
    except MlopsError as error:
        pytest.fail(error.message)


@pytest.mark.parametrize("network", [False, True])
def test_a_power_cut_in_the_very_first_transaction_is_no_damage(
    home: Path, tmp_path: Path, network: bool
) -> None:
    # A transaction whose pages are on their way to the disk, with the journal that takes them back.
    half = sqlite3.connect(tmp_path / "half.db", isolation_level=None)
    half.execute("PRAGMA cache_size=1")
    half.execute("BEGIN")
    half.execute("CREATE TABLE t (x)")
    half.executemany("INSERT INTO t VALUES (?)", [("x" * 4_000,)] * 50)
    home.mkdir(mode=0o700)
    (home / "store.db").write_bytes(bytes(512) + (tmp_path / "half.db").read_bytes()[512:])
    (home / "store.db-journal").write_bytes((tmp_path / "half.db-journal").read_bytes())
    half.close()
    database = Database.open(home / "store.db", network=network)
    with database.read() as connection:
        assert not inspect(connection).has_table("t")
        assert inspect(connection).has_table("runs")
    database.close()


def test_a_journal_does_not_make_the_file_of_another_program_ours(home: Path) -> None:
    home.mkdir(mode=0o700)
    other = sqlite3.connect(home / "store.db")
    other.execute("PRAGMA application_id=7")
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    (home / "store.db-journal").write_bytes(b"not a journal of SQLite")
    before = (home / "store.db").read_bytes()
    with pytest.raises(StoreDamaged):
        Database.open(home / "store.db")
    assert (home / "store.db").read_bytes() == before
