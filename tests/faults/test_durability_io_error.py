"""When the disk reports an error, that change fails and no other (row D5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.faults.power import crashing_disk
from tests.faults.store_workload import Acknowledged, check, run_id_of, write_one

TRANSACTIONS = 12


def fail_once(folder: Path, at: int, *, network: bool) -> int:
    """Let fsync number ``at`` fail while a store is in use; return how many changes failed."""
    failures, acknowledged = 0, []
    with crashing_disk(folder, f"--fail={at}") as disk:
        home = disk.mount / "home"
        try:
            database, content = _open(home, network)
        except Unavailable:
            failures += 1
            database, content = _open(home, network)
        number = 0
        while number < TRANSACTIONS:
            try:
                digest = write_one(database, content, number)
            except Unavailable:
                failures += 1
                # The same store goes on; it alone knows what became of the change that failed.
                with database.read() as connection:
                    number += runs.find(connection, run_id_of(number)) is not None
                continue
            acknowledged.append(Acknowledged(number, digest))
            number += 1
        disk.cut()
        database.close()
    # After a real power cut no process would be left that could own the store.
    (folder / "saved" / "home" / "store.owner").unlink(missing_ok=True)
    assert check(folder / "saved" / "home", acknowledged, network=network) == TRANSACTIONS
    assert len(acknowledged) >= TRANSACTIONS - failures
    return failures


def _open(home: Path, network: bool) -> tuple[Database, ContentStore]:
    content = ContentStore(home)
    return Database.open(home / "store.db", network=network), content


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("at", [1, 3, 6, 9, 14, 15, 16, 17, 18, 31])
def test_an_error_of_the_disk_fails_one_change_and_no_other(
    tmp_path: Path, at: int, network: bool
) -> None:
    assert fail_once(tmp_path, at, network=network) <= 1


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("network", [False, True])
def test_an_error_at_any_fsync_fails_one_change_and_no_other(tmp_path: Path, network: bool) -> None:
    failed = [fail_once(tmp_path / str(at), at, network=network) for at in range(1, 101)]
    assert max(failed) == 1
    assert sum(failed) >= 40
