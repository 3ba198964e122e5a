"""A backup is put in the place of a store: whole or not at all, and nothing is thrown away."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import InvalidRequest, NotFound, StoreDamaged, Unavailable
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.durable import sync_file
from jupyter_mlops.services.backups import BackupService
from jupyter_mlops.store import restoring, runs, sqlite
from jupyter_mlops.store.database import Database
from tests.faults.power import ROOT, crashing_disk
from tests.faults.store_workload import check, run_id_of, write_one
from tests.faults.test_backups import available, fill
from tests.faults.test_damage import flip, is_reported
from tests.integration.store.conftest import insert_run
from tests.queued_runs import queued_ids

OLD, NEW = 6, 4


def crashed_store(folder: Path) -> tuple[Path, Path]:
    """Return a home that lost its process, with most of it in the log, and a backup of before."""
    living = folder / "living"
    database = fill(living, NEW)
    backup = database.backup(folder / "backup.db")
    for number in range(NEW, OLD):
        write_one(database, ContentStore(living), number)
    home = Path(shutil.copytree(living, folder / "crashed"))
    database.close()
    assert (home / "store.db-wal").stat().st_size > 0
    return home, backup


def files(folder: Path) -> dict[str, bytes]:
    """Return the files of a store that hold something."""
    return {
        path.name: path.read_bytes()
        for path in folder.glob("store.db*")
        if not path.name.endswith("-shm")
    }


def test_a_damaged_store_gives_way_to_its_newest_backup_and_is_kept(home: Path) -> None:
    database = fill(home, NEW)
    backup = database.backup()
    write_one(database, ContentStore(home), NEW)
    service = BackupService(home)
    with pytest.raises(Unavailable, match="in use"):
        service.plan()
    database.close()
    flip(home / "store.db", 10_000, 4)
    damaged = files(home)
    assert is_reported(home)
    plan = service.plan()
    assert plan.backup.path == backup
    assert plan.backup.runs == NEW
    aside = service.restore(plan)
    assert files(aside) == damaged
    assert (aside / "store.seal").exists()
    assert check(home, []) == NEW
    assert available(home)[-1] == backup


def test_what_would_be_lost_is_told_before(home: Path) -> None:
    database, content = fill(home, NEW), ContentStore(home)
    backup = database.backup()
    digests = [write_one(database, content, NEW + more) for more in range(2)]
    database.close()
    (home / "artifacts" / "sha256" / digests[0][7:9] / digests[0][9:]).unlink()
    plan = BackupService(home).plan()
    assert plan.lost is not None
    assert [run.run_id for run in plan.lost] == [run_id_of(NEW + 1), run_id_of(NEW)]
    assert plan.lost_is_all
    assert plan.missing_files == 0, "the missing file is none of the backup's"
    for blob in (home / "artifacts" / "sha256").glob("*/*"):
        blob.unlink()
    assert BackupService(home).plan(backup).missing_files == NEW
    (home / "store.db").write_bytes(b"no store any more")
    assert BackupService(home).plan().lost is None


def test_a_newer_backup_that_is_damaged_is_passed_over(home: Path, tmp_path: Path) -> None:
    database = fill(home, NEW)
    good = database.backup()
    database.close()
    bad = good.with_name("99990101T000000Z-by-hand.db")
    bad.write_bytes(good.read_bytes()[:9_000])
    service = BackupService(home)
    plan = service.plan()
    assert (plan.backup.path, plan.unusable) == (good, [bad])
    before = files(home)
    log = good.with_name(good.name + "-wal")
    log.write_bytes(b"commits that the file alone does not have")
    for useless in (bad, good, tmp_path / "missing.db", home / "store.lock"):
        with pytest.raises(InvalidRequest, match="cannot be restored"):
            service.plan(useless)
    good.unlink()
    with pytest.raises(NotFound, match="no sound backup"):
        service.plan()
    with pytest.raises(InvalidRequest, match="the store itself"):
        restoring.restore(home / "store.db", home / "store.db", (), 1)
    assert files(home) == before


def test_a_backup_of_a_newer_version_is_refused(home: Path) -> None:
    database = fill(home, 1)
    backup = database.backup()
    database.close()
    newer = sqlite.connect(backup)
    newer.execute("PRAGMA journal_mode=DELETE")
    newer.execute("PRAGMA user_version=9999")
    newer.close()
    with pytest.raises(InvalidRequest, match="newer version"):
        BackupService(home).plan(backup)


def test_a_run_that_waited_in_the_backup_is_not_started_a_second_time(home: Path) -> None:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        waiting, begun = insert_run(connection), insert_run(connection)
    backup = database.backup()
    with database.write() as connection:
        # It has run since, and is forgotten by going back.
        runs.start(connection, waiting, 1)
    database.close()
    (home / "runs" / begun).mkdir(parents=True)
    service = BackupService(home)
    plan = service.plan(backup)
    assert plan.backup.scheduled == 2
    service.restore(plan)
    database = Database.open(home / "store.db")
    with database.read() as connection:
        ended = runs.get(connection, waiting)
        assert (ended.status, ended.reason) == (RunStatus.FAILED, Reason.LOST)
        assert ended.message == restoring.LOST
        # This one has processes, or left them behind: its end is known.
        assert queued_ids(connection) == [begun]
    database.close()


@pytest.mark.timeout(300)
def test_a_restore_killed_before_any_step_leaves_the_old_store_or_the_new_one(
    tmp_path: Path,
) -> None:
    home, backup = crashed_store(tmp_path)
    found, old = [], files(home)
    for step in range(1, 200):
        tried = Path(shutil.copytree(home, tmp_path / str(step)))
        command = [sys.executable, "-m", "tests.faults.restore_program", tried, backup, str(step)]
        ended = subprocess.run(command, cwd=ROOT, check=False).returncode
        found.append(check(tried, []))
        asides = [files(aside) for aside in tried.glob("replaced-*")]
        assert asides == ([] if found[-1] == OLD else [old])
        assert not (tried / "store.restoring").exists()
        shutil.rmtree(tried)
        if ended == 0:
            break
        assert ended == -signal.SIGKILL
    # Once it is decided there is no way back.
    assert found == sorted(found, reverse=True)
    assert found.count(OLD) > 5
    assert found.count(NEW) > 5


@pytest.mark.parametrize("first", range(4))
def test_a_power_cut_during_a_restore_leaves_the_old_store_or_the_new_one(
    tmp_path: Path, first: int
) -> None:
    home, backup = crashed_store(tmp_path)
    whole = sum(1 for _ in home.rglob("*")) + 2
    old = files(home)
    for cut in range(1 + first, 60, 4):
        mix = [f"--mix={cut}"] if cut // 4 % 2 else []
        with crashing_disk(tmp_path / str(cut), f"--cut={whole + cut}", *mix) as disk:
            tried = Path(shutil.copytree(home, disk.mount / "home"))
            for path in [*tried.rglob("*"), tried, disk.mount]:
                sync_file(path)
            program = disk.run("tests.faults.restore_program", str(tried), str(backup), "0")
            disk.cut()
        saved = tmp_path / str(cut) / "saved" / "home"
        present = check(saved, [], network=False)
        assert present in (OLD, NEW)
        assert present == OLD or [files(aside) for aside in saved.glob("replaced-*")] == [old]
        if program.returncode == 0:
            assert present == NEW
            return
    raise AssertionError("no restore came to its end")


def test_a_note_of_a_restore_that_cannot_be_read_stops_everybody(home: Path) -> None:
    fill(home, 1).close()
    (home / "store.restoring").write_bytes(b"{half")
    before = files(home)
    with pytest.raises(StoreDamaged, match=r"store\.restoring"):
        Database.open(home / "store.db")
    assert files(home) == before
