"""Two homes that keep their records in one database leave each other's runs alone."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_mlops.domain.errors import StoreDamaged
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.home_identity import home_id
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

HOME = (
    "import os\nfrom jupyter_mlops import log_param\nlog_param('home', os.environ['JMLOPS_HOME'])"
)
SLEEP = "import time\ntime.sleep(120)"


@pytest.fixture
def homes(tmp_path: Path, postgresql_url: str) -> Iterator[list[Workspace]]:
    """Two open cores, each with a root and a home of its own, over one database."""
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        made.append(Workspace(tmp_path / name, database_url=postgresql_url, concurrency=1))
    yield made
    for workspace in made:
        workspace.close()


def test_each_home_starts_and_ends_its_own_runs(homes: list[Workspace]) -> None:
    for workspace in homes:
        until(lambda w=workspace: w.ask("GET", "status").dispatching, "both to dispatch")
    submitted = [
        (workspace, workspace.submit(workspace.notebook("home.ipynb", HOME)).run_id)
        for workspace in homes * 2
    ]
    for workspace, run_id in submitted:
        run = workspace.ended(run_id)
        assert run.status is RunStatus.FINISHED, run.message
        assert [item.value for item in run.parameters] == [str(workspace.home)]


def test_runs_under_way_in_one_home_are_not_lost_to_the_other_nor_in_its_way(
    homes: list[Workspace],
) -> None:
    first, second = homes
    opened = OpenedRun(first.home)
    sleeping = first.submit(first.notebook("sleep.ipynb", SLEEP)).run_id
    queued = first.submit(first.notebook("home.ipynb", HOME)).run_id
    first.running(sleeping)
    # The other home is at work all the while: it looks at all that goes on, and has room for one.
    for _ in range(2):
        run_id = second.submit(second.notebook("home.ipynb", HOME)).run_id
        assert second.ended(run_id).status is RunStatus.FINISHED
    assert second.run(sleeping).status is RunStatus.RUNNING
    assert second.run(opened.run_id).status is RunStatus.RUNNING
    assert second.run(queued).status is RunStatus.SCHEDULED
    first.close()
    run_id = second.submit(second.notebook("home.ipynb", HOME)).run_id
    assert second.ended(run_id).status is RunStatus.FINISHED
    assert second.run(queued).status is RunStatus.SCHEDULED
    first.open_core()
    first.cancel(sleeping)
    assert first.ended(sleeping).status is RunStatus.KILLED
    assert first.ended(queued).status is RunStatus.FINISHED
    assert first.run(opened.run_id).status is RunStatus.RUNNING


def test_the_id_of_a_home_is_made_once_whoever_asks_first(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: home_id(home), range(32)))
    assert len(found) == 1
    assert {home_id(home)} == found
    assert sorted(path.name for path in home.iterdir()) == ["home.id"]
    assert stat.S_IMODE((home / "home.id").stat().st_mode) == 0o600


def test_a_home_whose_id_is_damaged_is_not_taken_for_another(home: Path) -> None:
    home_id(home)
    (home / "home.id").write_bytes(b"\xff\0")
    with pytest.raises(StoreDamaged, match=r"home\.id"):
        home_id(home)
