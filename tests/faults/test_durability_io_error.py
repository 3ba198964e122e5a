"""When the disk reports an error, that change fails and no other (row D5)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store.database import Database
from tests.faults.power import Disk, crashing_disk
from tests.faults.store_workload import Acknowledged, check, write_one

# The last call of each kind that fails, and how far apart the failing calls of one store are: so far
# that opening it, or a change and its undoing, lie between two; nothing would ever succeed otherwise.
LAST = 500
APART = {"fsync": 25, "write": 331, "rename": 5}
# On a network file system a change is written twice: to its journal, and to its place.
APART_ON_NETWORK = APART | {"write": 601}

Result = TypeVar("Result")


@dataclass
class FailingDisk:
    """A disk of which call number ``at``, and each ``apart`` after it if that is not 0, fails."""

    disk: Disk
    call: str
    at: int
    apart: int
    failures: int = 0
    faults_seen: int = 0

    @property
    def calls(self) -> int:
        """How many calls of the failing kind there were so far."""
        return self.disk.calls().get(self.call, 0)

    @property
    def faults(self) -> int:
        """How many of them failed."""
        since = self.calls - self.at
        return 0 if since < 0 else 1 + (since // self.apart if self.apart else 0)

    def attempt(self, work: Callable[[], Result]) -> Result | None:
        """Do one thing; None if it failed, for which there must be a fault that failed nothing yet."""
        try:
            return work()
        except Unavailable:
            self.failures += 1
            assert self.faults > self.faults_seen
            self.faults_seen = self.faults
            return None

    def insist(self, work: Callable[[], Result]) -> Result:
        """Do one thing again until it succeeds."""
        while (result := self.attempt(work)) is None:
            pass
        return result


@dataclass(frozen=True)
class Lived:
    """How many things failed in the life of a store, and of how many errors of the disk."""

    failures: int
    faults: int


def live(folder: Path, at: int, *, network: bool, call: str = "fsync", apart: int = 0) -> Lived:
    """Use a store whose disk reports errors; it goes on without a restart and loses nothing."""
    acknowledged, number = [], 0
    options = f"--fail={at}", f"--every={apart}", f"--call={call}"
    with crashing_disk(folder, *options) as mounted:
        disk = FailingDisk(mounted, call, at, apart)
        home = mounted.mount / "home"
        database, content = disk.insist(partial(_open, home, network))
        # Some changes more behind the last error.
        while disk.calls <= (LAST if apart else at) or number < disk.faults_seen + 4:
            digest = disk.attempt(partial(write_one, database, content, number))
            if digest is not None:
                acknowledged.append(Acknowledged(number, digest))
                number += 1
            else:
                # The same store goes on; it alone knows what became of the change that failed.
                number = disk.insist(partial(_count, database))
        lived = Lived(disk.failures, disk.faults)
        mounted.cut()
        database.close()
    # After a real power cut no process would be left that could own the store.
    (folder / "saved" / "home" / "store.owner").unlink(missing_ok=True)
    assert check(folder / "saved" / "home", acknowledged, network=network) == number
    assert len(acknowledged) >= number - lived.failures
    shutil.rmtree(folder)
    return lived


def _count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM runs")).scalar_one())


def _open(home: Path, network: bool) -> tuple[Database, ContentStore]:
    content = ContentStore(home)
    return Database.open(home / "store.db", network=network), content


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("at", [1, 3, 6, 9, 14, 15, 16, 17, 18, 31])
def test_an_error_of_the_disk_fails_one_change_and_no_other(
    tmp_path: Path, at: int, network: bool
) -> None:
    lived = live(tmp_path / "disk", at, network=network)
    assert lived.faults == 1
    assert lived.failures <= 1


@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize(
    ("call", "at"),
    [("write", at) for at in (2, 17, 40, 150, 300)] + [("rename", at) for at in (1, 2, 5, 9, 12)],
)
def test_an_error_of_a_write_or_rename_fails_one_change_and_no_other(
    tmp_path: Path, call: str, at: int, network: bool
) -> None:
    lived = live(tmp_path / "disk", at, network=network, call=call)
    assert lived.faults == 1
    assert lived.failures <= 1


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("network", [False, True])
@pytest.mark.parametrize("call", APART)
def test_an_error_at_any_call_fails_one_change_and_no_other(
    tmp_path: Path, call: str, network: bool
) -> None:
    # The lives begin one call apart, so that together each call up to the last fails once.
    apart = (APART_ON_NETWORK if network else APART)[call]
    lives = [
        live(tmp_path / str(at), at, network=network, call=call, apart=apart)
        for at in range(1, min(apart, LAST) + 1)
    ]
    faults = sum(life.faults for life in lives)
    assert faults >= LAST
    assert sum(life.failures for life in lives) >= 0.4 * faults
