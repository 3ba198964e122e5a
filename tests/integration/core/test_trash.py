"""Deleting real runs for good: what they left is gone, what others share is not."""

from __future__ import annotations

import subprocess

import pytest

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.runs import RunStatus
from tests.workspace import Workspace

CODE = """
from jupyter_mlops import log_metric, log_text
log_metric("loss", 0.5)
log_text(f"words of {n}", "words.txt")
log_text("shared words", "shared.txt")
print("n is", n)
"""


def ended(workspace: Workspace, n: int, key: str | None = None) -> str:
    """Run the notebook with a parameter to its end and return the run's id."""
    path = workspace.notebook("words.ipynb", CODE, parameters="n = 0")
    run_id = workspace.submit(path, parameters={"n": n}, request_key=key).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    return run_id


def stored(workspace: Workspace) -> str:
    """Return all stored bytes as text."""
    found = (workspace.home / "artifacts" / "sha256").glob("*/*")
    return "\n".join(path.read_text() for path in found)


def test_what_a_purged_run_left_is_gone_and_what_others_share_is_not(
    workspace: Workspace,
) -> None:
    first, second = ended(workspace, 111), ended(workspace, 222)
    workspace.trash(first)
    done = workspace.purge(first)
    assert done.bytes_freed > 0
    with pytest.raises(NotFound):
        workspace.run(first)
    text = stored(workspace)
    assert "words of 111" not in text
    assert "n is 111" not in text
    assert "words of 222" in text
    assert "shared words" in text
    # The source notebook is shared, too: the second run can be repeated from it.
    again = workspace.rerun(second, parameters={"n": 333})
    assert workspace.ended(again.run_id).status is RunStatus.FINISHED
    for run_id in (second, again.run_id):
        workspace.trash(run_id)
    assert workspace.ask("POST", "trash/empty").remaining == 0
    assert stored(workspace) == ""
    assert workspace.page(deleted="true").total == 0


def test_a_repeated_request_does_not_make_a_purged_run_anew(workspace: Workspace) -> None:
    run_id = ended(workspace, 4_711, key="once")
    workspace.trash(run_id)
    workspace.purge(run_id)
    with pytest.raises(Conflict, match="deleted permanently"):
        workspace.submit("words.ipynb", parameters={"n": 4_711}, request_key="once")
    assert workspace.page().total == 0


def test_a_purged_run_is_in_no_table_of_the_store(workspace: Workspace) -> None:
    run_id = ended(workspace, 987_654_321, key="dump")
    workspace.trash(run_id)
    workspace.purge(run_id)
    workspace.close()
    dumped = subprocess.run(
        ["python", "-c", DUMP, str(workspace.home / "store.db")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "INSERT INTO" in dumped
    assert "987654321" not in dumped
    # Only the log of events still knows that there was a run of this id.
    left = [line for line in dumped.splitlines() if run_id in line]
    assert all('INSERT INTO "events"' in line for line in left), left


DUMP = """
import sqlite3, sys
for line in sqlite3.connect(sys.argv[1]).iterdump():
    print(line)
"""
