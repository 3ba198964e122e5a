"""A program that purges a run and dies by its own hand after one of the steps.

``python -m tests.faults.trash_program HOME RUN_ID STEP``, where STEP is one of ``STEPS``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.artifacts.collection import Collector, Named
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.store.database import Connection, Database
from jupyter_mlops.store.embedded import EmbeddedStore

STEPS = ("directory", "before-commit", "commit", "files")


def die() -> None:
    """End at once, as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


class DyingExecutor(LocalExecutor):
    """Dies when a run directory was removed."""

    def discard(self, run_id: str) -> None:
        super().discard(run_id)
        die()


class DyingDatabase(Database):
    """Dies when everything of a transaction is written, and nothing of it is committed."""

    @contextmanager
    def write(self, *, clean_up: bool = False) -> Iterator[Connection]:
        with super().write(clean_up=clean_up) as connection:
            yield connection
            die()


class CollectorDyingBefore(Collector):
    """Dies when the rows are gone and every file is there."""

    def remove(self, digests: Collection[str], named: Named) -> int:
        die()
        return 0


class CollectorDyingWithin(Collector):
    """Dies when the first of the files is gone."""

    def remove(self, digests: Collection[str], named: Named) -> int:
        super().remove(sorted(digests)[:1], named)
        die()
        return 0


def main() -> None:
    """Purge one run as far as asked."""
    home, run_id, step = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    database_type = DyingDatabase if step == "before-commit" else Database
    database = database_type(EmbeddedStore(home / "store.db"))
    collectors = {"commit": CollectorDyingBefore, "files": CollectorDyingWithin}
    collector = collectors.get(step, Collector)(home)
    executor = DyingExecutor(home) if step == "directory" else LocalExecutor(home)
    TrashService(database, collector, executor).purge(owner("ada"), run_id)
    raise SystemExit("the purge outlived its death")


if __name__ == "__main__":
    main()
