"""A purge that is killed after any of its steps is made good, and no run comes back by itself."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import artifacts
from jupyter_mlops.store.database import Database
from tests.faults.trash_program import STEPS
from tests.workspace import Workspace, until

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
from jupyter_mlops import log_metric, log_text, start_run
with start_run("tuning"):
    log_metric("loss", 0.5)
    for number in range(3):
        log_text(f"words {number}", f"{number}.txt")
"""


def logged(workspace: Workspace) -> Path:
    """Let a script log a run while no server is there; return a copy of its run directory."""
    environment = {**os.environ, "JMLOPS_HOME": str(workspace.home)}
    subprocess.run([sys.executable, "-c", SCRIPT], env=environment, check=True)
    (directory,) = (workspace.home / "runs").iterdir()
    return Path(shutil.copytree(directory, workspace.home.parent / "kept" / directory.name))


def trashed(workspace: Workspace) -> str:
    """Make a run in the trash whose directory was left behind, as by a crash at its end."""
    kept = logged(workspace)
    workspace.open_core()
    run_id = kept.name
    until(lambda: not (workspace.home / "runs" / run_id).exists(), "the run to be taken in")
    assert workspace.run(run_id).status is RunStatus.FINISHED
    workspace.trash(run_id)
    workspace.close()
    shutil.copytree(kept, workspace.home / "runs" / run_id)
    return run_id


def collect_in_two_days(home: Path) -> None:
    database = Database.open(home / "store.db")

    def named(digests: Collection[str]) -> set[str]:
        with database.read() as connection:
            return artifacts.named(connection, digests)

    for pattern in ("sha256/*/*", "tombstones/*"):
        past = time.time() - 86_401
        for path in (home / "artifacts").glob(pattern):
            os.utime(path, (past, past))
        Collector(home).collect(named)
    database.close()


def blobs(home: Path) -> list[str]:
    return [path.read_text() for path in (home / "artifacts" / "sha256").glob("*/*")]


@pytest.mark.parametrize("step", STEPS)
def test_a_purge_killed_after_any_step_is_made_good(workspace: Workspace, step: str) -> None:
    run_id = trashed(workspace)
    command = [sys.executable, "-m", "tests.faults.trash_program", str(workspace.home), run_id]
    killed = subprocess.run([*command, step], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    workspace.open_core()
    # A dispatcher that leads has looked at every run directory before it starts a run.
    other = workspace.submit(workspace.notebook("other.ipynb", "1")).run_id
    workspace.ended(other)
    if step in ("directory", "before-commit"):
        # Nothing is lost before the commit: the run is whole, and can still be taken back.
        assert workspace.ask("POST", f"runs/{run_id}/restore").metrics[0].value == 0.5
        found = workspace.artifacts(run_id)
        assert [file.path for file in found] == ["0.txt", "1.txt", "2.txt"]
        workspace.trash(run_id)
        workspace.purge(run_id)
    with pytest.raises(NotFound):
        workspace.run(run_id)
    assert workspace.page().total == 1
    assert not (workspace.home / "runs" / run_id).exists()
    workspace.close()
    collect_in_two_days(workspace.home)
    assert blobs(workspace.home)
    assert not [text for text in blobs(workspace.home) if text.startswith("words")]
