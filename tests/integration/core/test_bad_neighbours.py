"""What is wrong with one run does not stop the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import runs
from tests.workspace import Workspace

LAST_STEP = """
from jupyter_mlops import log_metric, set_tag
log_metric("loss", 1.0, step=2**63 - 1)
log_metric("loss", 2.0)
set_tag("nul", "a\\0b")
"""


def test_a_run_at_the_end_of_all_steps_is_recorded_and_the_next_one_runs(
    workspace: Workspace,
) -> None:
    first = workspace.submit(workspace.notebook("steps.ipynb", LAST_STEP)).run_id
    second = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    ended = workspace.ended(first)
    assert ended.status is RunStatus.FINISHED, ended.message
    assert ended.metrics[0].count == 2
    assert workspace.ended(second).status is RunStatus.FINISHED


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_spool_that_is_no_file_stops_no_other_run(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    spool = workspace.home / "runs" / new_run_id() / "spool"
    spool.mkdir(parents=True)
    if kind == "link":
        (tmp_path / "target").write_text("x")
        (spool / "kernel-1-00000000.spool").symlink_to(tmp_path / "target")
    else:
        (spool / "kernel-1-00000000.spool").mkdir()
    run = workspace.ended(workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id)
    assert run.status is RunStatus.FINISHED


def test_orders_of_another_version_wait_while_others_run(workspace: Workspace) -> None:
    waiting = new_run_id()
    path = workspace.notebook("plain.ipynb", "1")
    done = workspace.ended(workspace.submit(path).run_id)
    row = runs.NewRunRow(
        run_id=waiting,
        experiment_id=done.experiment_id,
        name="from the future",
        source_type="notebook",
        notebook=path,
        user="ada",
        kernel_name=None,
        time_limit=None,
        save_to=None,
        rerun_of=None,
        source_digest=None,
        created_at=1,
        status=RunStatus.SCHEDULED,
        spec=b'{"protocol": 99}',
    )
    workspace.insert(row)
    assert workspace.ended(workspace.submit(path).run_id).status is RunStatus.FINISHED
    assert workspace.run(waiting).status is RunStatus.SCHEDULED
    assert workspace.core.services.runs.cancel(workspace.actor, waiting).status is RunStatus.KILLED
