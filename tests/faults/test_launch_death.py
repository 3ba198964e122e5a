"""A server is killed when a run was launched and its start not recorded: the run goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import leases, run_specs
from tests.workspace import Workspace, until

LONG = "import time\nwhile not __import__('os').path.exists('go'):\n    time.sleep(0.05)\nprint(len(token))"


def let_time_pass(home: Path) -> None:
    """Make the store look as it does when all leases have expired and no run is new."""
    database = Database.open(home / "store.db")
    with database.write() as connection:
        connection.execute(update(leases).values(expires_at=1))
        (spec,) = connection.scalars(select(run_specs.c.spec))
        orders = msgspec.json.encode({**msgspec.json.decode(spec), "created_at": 1})
        connection.execute(update(run_specs).values(spec=orders))
    database.close()


@pytest.mark.parametrize("ended", [False, True])
def test_a_run_with_a_secret_whose_start_was_not_recorded_is_adopted(
    workspace: Workspace, ended: bool
) -> None:
    notebook = workspace.notebook("secret.ipynb", LONG, parameters="token = ''")
    command = [sys.executable, "-m", "tests.faults.launch_program"]
    killed = subprocess.run(
        [*command, str(workspace.root), str(workspace.home), notebook],
        cwd=Path(__file__).parents[2],
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    (directory,) = (workspace.home / "runs").iterdir()
    if ended:
        (workspace.root / "go").touch()
        until((directory / "result.json").exists, "the end of the run")
    let_time_pass(workspace.home)
    workspace.open_core()
    if not ended:
        workspace.running(directory.name)
        (workspace.root / "go").touch()
    run = workspace.ended(directory.name)
    assert run.status is RunStatus.FINISHED, run.message
