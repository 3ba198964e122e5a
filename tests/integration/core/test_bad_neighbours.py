"""What is wrong with one run does not stop the others."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import Reason, Run, RunStatus
from jupyter_mlops.store import runs
from jupyter_mlops.store.tags import DAMAGED_RECORDS
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

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


PIPES = """
import os
from pathlib import Path
run = Path(os.environ["JMLOPS_RUN_DIR"])
spool = run / "spool" / "kernel-1-00000000.spool"
for path in (run / "result.json", Path("copy.ipynb"), spool):
    os.mkfifo(path)
"""


def test_pipes_in_the_place_of_a_runs_files_hold_up_neither_it_nor_another(
    workspace: Workspace,
) -> None:
    bad = workspace.submit(workspace.notebook("pipes.ipynb", PIPES), save_to="copy.ipynb").run_id
    good = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(good).status is RunStatus.FINISHED
    run = workspace.ended(bad)
    assert run.status is RunStatus.FINISHED, run.message
    assert [tag.key for tag in run.tags] == ["mlops.save_to"]


REPLACED = """
import os, shutil
run = os.environ["JMLOPS_RUN_DIR"]
shutil.rmtree(run)
open(run, "w").write("a file where a folder should be")
"""


def test_a_run_whose_directory_became_a_file_is_lost_and_leaves_nothing(
    workspace: Workspace,
) -> None:
    run_id = workspace.submit(workspace.notebook("replaced.ipynb", REPLACED)).run_id
    run = workspace.ended(run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    until(lambda: not (workspace.home / "runs" / run_id).exists(), "the file to go")


ELSEWHERE = """
import os
from pathlib import Path
os.rename("results", "moved")
os.symlink({target!r}, "results")
"""


def test_a_copy_is_not_written_through_a_link_that_came_after_the_order(
    workspace: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (workspace.root / "results").mkdir()
    path = workspace.notebook("link.ipynb", ELSEWHERE.format(target=str(target)))
    run = workspace.ended(workspace.submit(path, save_to="results/copy.ipynb").run_id)
    assert run.status is RunStatus.FINISHED, run.message
    assert [tag.key for tag in run.tags] == ["mlops.save_to"]
    assert list(target.iterdir()) == []


def test_a_staged_folder_that_became_a_link_gives_nothing_and_loses_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    opened = OpenedRun(workspace.home)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"private")
    opened.directory.staged.rmdir()
    opened.directory.staged.symlink_to(outside)
    digest = hashlib.sha256(b"private").hexdigest()
    opened.write("artifact", path="stolen.txt", file="file", size=7, sha256=digest)
    opened.close()
    run = until(
        lambda: run if (run := found(workspace, opened.run_id)) and run.ended_at else None,
        "its end",
    )
    assert workspace.artifacts(opened.run_id) == []
    assert [(tag.key, tag.value) for tag in run.tags] == [(DAMAGED_RECORDS, "1")]
    assert (outside / "file").exists()


def found(workspace: Workspace, run_id: str) -> Run | None:
    """Return a run once the store knows it."""
    with suppress(NotFound):
        return workspace.run(run_id)
    return None


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
    assert workspace.cancel(waiting).status is RunStatus.KILLED
