"""Servers in different Python environments on one home: each run gets the Python it was meant for."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.core_server import CoreServer
from tests.workspace import Workspace, until

WHICH = "import sys\nfrom jupyter_mlops import log_param\nlog_param('python', sys.prefix)"
SLEEP = "import time\ntime.sleep(120)"
COUNT_SELVES = """
import os, time
signs = os.open("signs", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
os.write(signs, b"+")
time.sleep(1)
os.write(signs, b"-")
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """An open core that runs one notebook at a time."""
    made = Workspace(tmp_path, concurrency=1)
    yield made
    made.close()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another Python environment, in which the same packages are found."""
    folder = tmp_path_factory.mktemp("environment") / "other"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(folder)})
    found = [str(Path(__file__).parents[3]), sysconfig.get_path("purelib")]
    Path(packages, "found.pth").write_text("\n".join(found))
    return folder


def server_in(elsewhere: Path, workspace: Workspace, concurrency: int = 1) -> CoreServer:
    python = str(elsewhere / "bin" / "python")
    return CoreServer(workspace.root, workspace.home, python=python, concurrency=concurrency)


def logged(workspace: Workspace, run_id: str) -> dict[str, object]:
    run = workspace.ended(run_id)
    assert run.status is RunStatus.FINISHED, run.message
    return {item.key: item.value for item in run.parameters}


def test_a_run_starts_in_the_environment_of_the_server_that_took_it(
    workspace: Workspace, elsewhere: Path
) -> None:
    path = workspace.notebook("which.ipynb", WHICH)
    until(lambda: workspace.ask("GET", "status").dispatching, "a leader")
    with server_in(elsewhere, workspace) as other:
        theirs = [other.submit(notebook=path) for _ in range(2)]
        ours = [workspace.submit(path).run_id for _ in range(2)]
        for run_id in theirs:
            assert logged(workspace, run_id) == {"python": str(elsewhere)}
        for run_id in ours:
            assert logged(workspace, run_id) == {"python": sys.prefix}


def test_a_run_whose_environment_has_no_server_says_so_and_starts_when_there_is_one(
    workspace: Workspace, elsewhere: Path, tmp_path: Path
) -> None:
    path = workspace.notebook("which.ipynb", WHICH)
    blocker = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
    workspace.running(blocker)
    with server_in(elsewhere, workspace) as other:
        waiting, unwanted = other.submit(notebook=path), other.submit(notebook=path)
        other.kill()
    workspace.cancel(blocker)
    message = until(lambda: workspace.run(waiting).message, "the reason why it waits")
    assert f"environment {elsewhere.parent.name}/{elsewhere.name}," in message
    assert str(elsewhere) not in message
    # Nothing here is worth keeping this server for.
    until(lambda: workspace.core.active_runs == 0, "the server to be idle")
    # It is the run's turn, and this server has room: it starts others, that came later.
    assert logged(workspace, workspace.submit(path).run_id) == {"python": sys.prefix}
    assert workspace.run(waiting).status is RunStatus.SCHEDULED
    cancelled = workspace.cancel(unwanted)
    assert (cancelled.status, cancelled.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    # The same environment, by another path.
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    with server_in(link, workspace):
        assert logged(workspace, waiting) == {"python": str(link)}
    assert workspace.run(waiting).message is None
    assert workspace.run(unwanted).status is RunStatus.KILLED


def test_servers_in_two_environments_share_the_limit_of_runs_at_once(
    tmp_path: Path, elsewhere: Path
) -> None:
    workspace = Workspace(tmp_path, concurrency=2)
    try:
        path = workspace.notebook("count.ipynb", COUNT_SELVES)
        with server_in(elsewhere, workspace, concurrency=2) as other:
            queued = []
            for _ in range(4):
                queued += [other.submit(notebook=path), workspace.submit(path).run_id]
            for run_id in queued:
                assert workspace.ended(run_id).status is RunStatus.FINISHED
    finally:
        workspace.close()
    signs = (workspace.root / "signs").read_text()
    at_once = list(accumulate(1 if sign == "+" else -1 for sign in signs))
    assert (len(signs), at_once[-1], max(at_once)) == (16, 0, 2)


def test_orders_of_an_earlier_version_are_carried_out_by_whoever_dispatches(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("which.ipynb", WHICH)
    done = workspace.ended(workspace.submit(path).run_id)
    database = Database.open(workspace.home / "store.db")
    with database.read() as connection:
        orders = msgspec.json.decode(runs.spec(connection, done.run_id) or b"")
    database.close()
    run_id = new_run_id()
    del orders["origin"]
    row = runs.NewRunRow(
        run_id=run_id,
        experiment_id=done.experiment_id,
        name="from before the upgrade",
        source_type="notebook",
        notebook=path,
        user="ada",
        kernel_name=done.kernel_name,
        time_limit=None,
        save_to=None,
        rerun_of=None,
        source_digest=done.source_digest,
        created_at=done.created_at,
        status=RunStatus.SCHEDULED,
        spec=msgspec.json.encode({**orders, "run_id": run_id}),
    )
    workspace.insert(row)
    assert logged(workspace, run_id) == {"python": sys.prefix}
