"""When the disk reports an error, that change fails and no other (row D5)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.faults.power import crashing_disk
from tests.faults.store_workload import Acknowledged, check, run_id_of, write_one

TRANSACTIONS = 12
# Up to which call of each kind. A change has one rename or two, so that more would take hours.
LAST = {"fsync": 500, "write": 500, "rename": 100}
PARTS = 4


@dataclass(frozen=True)
class Failed:
    """How many changes failed, and how many calls of the failing kind there were."""

    changes: int
    calls: int


def fail_once(
    folder: Path, at: int, *, network: bool, call: str = "fsync", transactions: int = TRANSACTIONS
) -> Failed:
    """Let call number ``at`` fail while a store is in use; the store goes on without a restart."""
    failures, acknowledged = 0, []
    with crashing_disk(folder, f"--fail={at}", f"--call={call}") as disk:
        home = disk.mount / "home"
        try:
            database, content = _open(home, network)
        except Unavailable:
            failures += 1
            database, content = _open(home, network)
        number = 0
        while number < transactions:
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
        calls = disk.calls()[call]
        disk.cut()
        database.close()
    # After a real power cut no process would be left that could own the store.
    (folder / "saved" / "home" / "store.owner").unlink(missing_ok=True)
    assert check(folder / "saved" / "home", acknowledged, network=network) == transactions
    assert len(acknowledged) >= transactions - failures
    shutil.rmtree(folder)
    return Failed(failures, calls)


def _open(home: Path, network: bool) -> tuple[Database, ContentStore]:
    content = ContentStore(home)
    return Database.open(home / "store.db", network=network), content


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("at", [1, 3, 6, 9, 14, 15, 16, 17, 18, 31])
def test_an_error_of_the_disk_fails_one_change_and_no_other(
    tmp_path: Path, at: int, network: bool
) -> None:
    assert fail_once(tmp_path / "disk", at, network=network).changes <= 1


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize(
    ("call", "at"),
    [("write", at) for at in (2, 17, 40, 150, 300)] + [("rename", at) for at in (1, 2, 5, 9, 12)],
)
def test_an_error_of_a_write_or_rename_fails_one_change_and_no_other(
    tmp_path: Path, call: str, at: int, network: bool
) -> None:
    failed = fail_once(tmp_path / "disk", at, network=network, call=call)
    assert failed.calls >= at
    assert failed.changes <= 1


def transactions_until(call: str, at: int) -> int:
    """Return how many changes are enough for so many calls, and some more behind them."""
    return at // {"fsync": 3, "write": 50, "rename": 1}[call] + 4


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("call", LAST)
def test_an_error_at_any_call_fails_one_change_and_no_other(
    tmp_path: Path, call: str, network: bool, part: int
) -> None:
    changes = []
    for at in range(1 + part, LAST[call] + 1, PARTS):
        failed = fail_once(
            tmp_path / str(at),
            at,
            network=network,
            call=call,
            transactions=transactions_until(call, at),
        )
        assert failed.calls >= at
        changes.append(failed.changes)
    assert max(changes) == 1
    assert sum(changes) >= 0.4 * len(changes)
