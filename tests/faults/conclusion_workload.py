"""A program that takes in and concludes run after run: ``python -m … HOME COUNT``.

Each run left a file of its own, an executed notebook and a log. After its end is recorded its id is
printed; ``check`` then finds out what became of all of them (durability row D3).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import text

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.run_spec import Origin, RunResult
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.conclusion import Conclusion
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.store import artifacts, runs
from jupyter_mlops.store.database import Connection, Database
from tests.claimed_run import claimed, record
from tests.spool_files import Records

DAY = 86_400


def end_one(home: Path, database: Database, number: int) -> tuple[str, RunResult]:
    """Leave a run directory as a run that has ended leaves it; nothing is recorded of its end."""
    directory = claimed(home)
    record(database, directory)
    records = Records(directory)
    records.stage("file.txt", f"file {number} ".encode() * (number % 700 + 1))
    records.writer.close()
    book = new_notebook(cells=[new_code_cell(f"{number}", id="a")])
    nbformat.write(book, directory.executed)
    directory.log.write_bytes(f"log {number}\n".encode())
    result = RunResult(
        run_id=directory.run_id,
        protocol=1,
        status=RunStatus.FINISHED,
        reason=None,
        message=None,
        ended_at=9_000,
        duration_ms=8_000,
        cpu_seconds=1.0,
        peak_memory_bytes=1,
        failing_cell=None,
        secrets_masked=0,
    )
    directory.write_result(result)
    return directory.run_id, result


def work(home: Path, count: int) -> None:
    """Conclude so many runs and say so."""
    database = Database.open(home / "store.db", network=False)
    content, executor = ContentStore(home), LocalExecutor(home)
    aside = Aside(lambda _: True, lambda: None)
    intake = Intake(
        database, content, executor, Origin(home_id=None, environment=sys.prefix), aside
    )
    conclusion = Conclusion(database, content, executor, intake, aside)
    for number in range(count):
        run_id, result = end_one(home, database, number)
        while not conclusion.conclude(run_id, result):
            continue
        # One write: a kill leaves a whole line or none.
        os.write(1, f"{run_id}\n".encode())
    database.close()


def blobs(home: Path) -> set[str]:
    """Return the digests of all bytes that lie in the content store."""
    folder = home / "artifacts" / "sha256"
    return {f"sha256:{path.parent.name}{path.name}" for path in folder.glob("*/*")}


def named_by(connection: Connection) -> set[str]:
    """Return the digests that rows name."""
    found = set(connection.scalars(text("SELECT digest FROM artifacts")))
    for column in ("executed_digest", "log_digest"):
        rows = connection.scalars(text(f"SELECT {column} FROM runs"))  # noqa: S608 - ours
        found.update(digest for digest in rows if digest)
    return found


def check(home: Path, acknowledged: Collection[str]) -> int:
    """Assert that each row has its bytes, and that bytes without a row go after their days of grace.

    Returns how many there were of the latter.
    """
    database = Database.open(home / "store.db", network=False)
    content, collector = ContentStore(home), Collector(home)
    try:
        with database.read() as connection:
            named = named_by(connection)
            for run_id in acknowledged:
                run = runs.get(connection, run_id)
                assert run.status is RunStatus.FINISHED
                assert run.executed_digest in named
                assert runs.log_digest(connection, run_id) in named
                assert [file.path for file in artifacts.for_run(connection, run_id)] == ["file.txt"]
        assert all(content.verify(digest) for digest in named)
        orphans = blobs(home) - named

        def still(digests: Collection[str]) -> set[str]:
            with database.read() as connection:
                return artifacts.named(connection, digests)

        # Within the first day nothing goes; a day later it is marked, and it goes the day after.
        assert collector.collect(still) == 0
        assert blobs(home) == named | orphans
        for _ in range(2):
            _grow_old(home)
            collector.collect(still)
        assert blobs(home) == named
        assert list((home / "tmp").glob("blob-*")) == []
        assert all(content.verify(digest) for digest in named)
    finally:
        database.close()
    return len(orphans)


def _grow_old(home: Path) -> None:
    """Let a day go by for all that waits."""
    waiting = [
        *(home / "artifacts" / "sha256").glob("*/*"),
        *(home / "artifacts" / "tombstones").iterdir(),
        *(home / "tmp").iterdir(),
    ]
    for path in waiting:
        past = path.stat().st_mtime - DAY - 1
        os.utime(path, (past, past))


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
