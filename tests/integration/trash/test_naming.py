"""Whoever puts bytes and then names them in a row waits while a purge takes bytes (rows S14, D3)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.artifacts.tombstones import Tombstones
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.run_spec import Origin, RunResult
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.conclusion import Conclusion
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import insert_run
from tests.workspace import Workspace, until

WAITS = """
from pathlib import Path
import time
while not Path("go").exists():
    time.sleep(0.05)
from jupyter_mlops import log_text
log_text("staged words", "words.txt")
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


def blobs(home: Path) -> set[str]:
    return {path.name for path in (home / "artifacts" / "sha256").glob("*/*")}


def test_a_submission_waits_for_a_purge(workspace: Workspace) -> None:
    path = workspace.notebook("a.ipynb", "1")
    submitting = threading.Thread(target=workspace.submit, args=(path,))
    with Tombstones(workspace.home / "artifacts").settled(10) as settled:
        assert settled
        submitting.start()
        submitting.join(0.7)
        assert submitting.is_alive()
        assert blobs(workspace.home) == set()
    submitting.join()
    assert len(blobs(workspace.home)) >= 1


def test_what_a_run_staged_waits_for_a_purge(workspace: Workspace) -> None:
    run_id = workspace.submit(workspace.notebook("a.ipynb", WAITS)).run_id
    workspace.running(run_id)
    before = blobs(workspace.home)
    with Tombstones(workspace.home / "artifacts").settled(10) as settled:
        assert settled
        (workspace.root / "go").touch()
        result = workspace.home / "runs" / run_id / "result.json"
        until(result.exists, "the run to end")
        threading.Event().wait(0.7)
        assert blobs(workspace.home) == before
        assert workspace.run(run_id).status is RunStatus.RUNNING
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    files = workspace.artifacts(run_id)
    assert [file.path for file in files] == ["words.txt"]


def test_the_log_of_a_run_waits_for_a_purge(home: Path) -> None:
    database, content = Database.open(home / "store.db"), ContentStore(home)
    executor = LocalExecutor(home)
    aside = Aside(lambda _: True, lambda: None)
    intake = Intake(
        database, content, executor, Origin(home_id=None, environment=sys.prefix), aside
    )
    conclusion = Conclusion(database, content, executor, intake, aside)
    with database.write() as connection:
        run_id = insert_run(connection, run_id=new_run_id())
        runs.start(connection, run_id, 1)
    directory = executor.directory(run_id)
    directory.spool.mkdir(parents=True)
    directory.log.write_text("a line")
    result = RunResult(
        run_id=run_id,
        protocol=1,
        status=RunStatus.FINISHED,
        reason=None,
        message=None,
        ended_at=2,
        duration_ms=1,
        cpu_seconds=0.0,
        peak_memory_bytes=0,
        failing_cell=None,
        secrets_masked=0,
    )
    concluding = threading.Thread(target=conclusion.conclude, args=(run_id, result))
    with Tombstones(home / "artifacts").settled(10) as settled:
        assert settled
        concluding.start()
        concluding.join(0.7)
        assert concluding.is_alive()
        assert blobs(home) == set()
    concluding.join()
    assert len(blobs(home)) == 1
    aside.close()
    database.close()
