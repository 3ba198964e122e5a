"""What a user prefers: kept for each, and what runs do that do not say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.preferences import Preferences, PreferencesChange
from jupyter_mlops.services.submission import spec_from
from jupyter_mlops.store import runs
from jupyter_mlops.store.database import Database
from tests.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Give a core that queues runs and starts none."""
    made = Workspace(tmp_path, dispatch=False)
    yield made
    made.close()


def prefer(workspace: Workspace, *, autolog: bool) -> Preferences:
    preferred: Preferences = workspace.ask(
        "PATCH", "preferences", PreferencesChange(autolog=autolog)
    )
    return preferred


def preferred(workspace: Workspace) -> bool:
    found: Preferences = workspace.ask("GET", "preferences")
    return found.autolog


def ordered(workspace: Workspace, run_id: str) -> bool:
    """Return what the orders of a queued run say."""
    database = Database.open(workspace.home / "store.db")
    with database.read() as connection:
        orders = runs.spec(connection, run_id)
    database.close()
    assert orders is not None
    return spec_from(orders).autolog


def test_the_switch_is_off_until_it_is_turned_and_stays_as_it_was_put(
    workspace: Workspace,
) -> None:
    assert not preferred(workspace)
    assert prefer(workspace, autolog=True) == Preferences(autolog=True)
    workspace.close()
    workspace.open_core()
    assert preferred(workspace)
    prefer(workspace, autolog=False)
    assert not preferred(workspace)


def test_what_one_user_prefers_is_nothing_to_another(workspace: Workspace) -> None:
    prefer(workspace, autolog=True)
    workspace.actor = owner("grace")
    assert not preferred(workspace)


def test_a_change_is_told_once_and_names_its_user(workspace: Workspace) -> None:
    for autolog in (False, True, True):
        prefer(workspace, autolog=autolog)
    told = [each for each in workspace.events() if each.type is EventType.PREFERENCES_CHANGED]
    assert [(each.subject, each.actor) for each in told] == [("ada", "ada")]


def test_a_change_names_what_it_changes(workspace: Workspace) -> None:
    with pytest.raises(InvalidRequest, match="autolog"):
        workspace.ask("PATCH", "preferences", PreferencesChange())


@pytest.mark.parametrize("preference", [False, True])
def test_a_run_does_what_its_request_says_and_else_what_its_user_prefers(
    workspace: Workspace, preference: bool
) -> None:
    path = workspace.notebook("train.ipynb", "1")
    prefer(workspace, autolog=preference)
    for said, wanted in ((None, preference), (True, True), (False, False)):
        run = workspace.submit(path, autolog=said)
        assert run.autolog is workspace.run(run.run_id).autolog is wanted
        assert ordered(workspace, run.run_id) is wanted


def test_a_repeat_does_what_its_run_did_whatever_is_preferred_by_then(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("train.ipynb", "1")
    first = workspace.submit(path, autolog=True)
    assert workspace.rerun(first.run_id).autolog
    prefer(workspace, autolog=True)
    second = workspace.submit(path, autolog=False)
    assert not workspace.rerun(second.run_id).autolog


def test_a_run_in_another_language_than_python_is_not_said_to_log_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {"argv": ["r", "{connection_file}"], "display_name": "R", "language": "R"}
    folder = tmp_path / "jupyter" / "kernels" / "ir"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    workspace = Workspace(tmp_path, dispatch=False)
    run = workspace.submit(workspace.notebook("fit.ipynb", "1"), kernel_name="ir", autolog=True)
    workspace.close()
    assert (run.kernel_name, run.autolog) == ("ir", False)
