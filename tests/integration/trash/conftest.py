"""A store with runs of every kind of row, some of them in the trash, on both engines."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.actors import Actor, owner
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.faults.store_workload import run_id_of, write_one

RUNS = 8
ENDED = 3


class Trash:
    """Runs 0 to 7 with rows of every kind, of which 0 to 2 have ended and are in the trash."""

    def __init__(self, database: Database, home: Path) -> None:
        self.home = home
        self.database = database
        self.content = ContentStore(home)
        self.collector = Collector(home)
        self.executor = LocalExecutor(home)
        self.service = TrashService(database, self.collector, self.executor)
        self.actor: Actor = owner("olive")
        self.digests = [
            write_one(database, self.content, number, keep=RUNS - ENDED) for number in range(RUNS)
        ]
        with database.write() as connection:
            for number in range(ENDED):
                # Deleted one after the other, at 100, 101 and 102 milliseconds.
                runs.trash(connection, run_id_of(number), 100 + number)

    def blobs(self) -> set[str]:
        """Return the digests on the disk."""
        found = (self.home / "artifacts" / "sha256").glob("*/*")
        return {f"sha256:{path.parent.name}{path.name}" for path in found}

    def collect(self) -> int:
        """Collect as two days later."""
        self._grow_old("sha256/*/*")
        self.collector.collect(self.service.named)
        self._grow_old("tombstones/*")
        return self.collector.collect(self.service.named)

    def _grow_old(self, pattern: str) -> None:
        past = time.time() - 86_401
        for path in (self.home / "artifacts").glob(pattern):
            os.utime(path, (past, past))


@pytest.fixture
def trash(database: Database, home: Path) -> Trash:
    return Trash(database, home)
