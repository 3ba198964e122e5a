"""A run that carries all it may refuses more, and what it carries can still be changed (row S8)."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.errors import NotFound, TooLarge
from jupyter_mlops.domain.runs import TagChange
from jupyter_mlops.store import run_limits
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until


def is_known(workspace: Workspace, run_id: str) -> bool:
    """Tell whether a run that code opened has been taken in."""
    try:
        return workspace.run(run_id).run_id == run_id
    except NotFound:
        return False


def test_a_run_takes_so_many_tags_and_not_one_more(workspace: Workspace) -> None:
    opened = OpenedRun(workspace.home)
    most = run_limits.MAXIMUM["tags"]
    opened.write("tags", g={f"key{number}": "v" for number in range(most)})
    opened.close()
    until(lambda: is_known(workspace, opened.run_id), "the run to be taken in")
    workspace.ended(opened.run_id)
    tags, one_more = f"runs/{opened.run_id}/tags", TagChange(key="one more", value="v")
    with pytest.raises(TooLarge):
        workspace.ask("PUT", tags, one_more)
    changed = workspace.ask("PUT", tags, TagChange(key="key0", value="changed"))
    assert len(changed.tags) == most
    workspace.ask("DELETE", tags, key="key1")
    assert len(workspace.ask("PUT", tags, one_more).tags) == most
