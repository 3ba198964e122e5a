"""What is recorded of a run's parameters, and the form that its recorded source makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.domain.errors import Conflict, InvalidParameter
from jupyter_mlops.domain.notebooks import NotebookInspection
from jupyter_mlops.domain.runs import Run, RunStatus
from jupyter_mlops.store import runs
from tests.workspace import Workspace

CELL = """\
alpha = 0.1
epochs = 3
api_token: str | None = None
started = compute()
depth: int | None = None
model: dict = {"password": "canary-31fe"}
long = "y" * 3
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path, dispatch=False)
    yield made
    made.close()


def recorded(run: Run) -> list[tuple[str, Any, str]]:
    return [(item.key, item.value, item.origin) for item in run.parameters]


def rerun(workspace: Workspace, run_id: str, **parameters: Any) -> Run:
    return workspace.rerun(run_id, parameters=parameters)


def form(workspace: Workspace, run_id: str) -> NotebookInspection:
    inspection: NotebookInspection = workspace.ask("GET", f"runs/{run_id}/source/parameters")
    return inspection


def test_the_known_defaults_of_the_notebook_are_recorded_beside_what_was_given(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters=CELL)
    run = workspace.submit(path, parameters={"epochs": 5, "api_token": "canary-77aa"})
    assert recorded(run) == [
        ("epochs", 5, "given"),
        ("api_token", "***", "given"),
        ("alpha", 0.1, "default"),
        ("depth", None, "default"),
    ]


def test_a_default_longer_than_anybody_reads_stays_in_the_source(workspace: Workspace) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters=f"a = {'x' * 5_000!r}\nb = 'x'")
    assert recorded(workspace.submit(path)) == [("b", "x", "default")]


def test_a_run_records_a_hundred_parameters_at_most(workspace: Workspace) -> None:
    path = workspace.notebook(
        "train.ipynb", "1", parameters="\n".join(f"p{n} = {n}" for n in range(150))
    )
    run = workspace.submit(path, parameters={"p140": 1})
    assert [item[0] for item in recorded(run)] == ["p140", *(f"p{n}" for n in range(99))]


def test_runs_are_found_by_the_defaults_that_they_had(workspace: Workspace) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters=CELL)
    default, other = workspace.submit(path), workspace.submit(path, parameters={"epochs": 5})
    for text, wanted in (("epochs=3", default), ("epochs=5", other)):
        assert [row.run_id for row in workspace.page(q=text).runs] == [wanted.run_id]


def test_a_repeat_passes_on_what_was_given_and_no_defaults(workspace: Workspace) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters="alpha = 0.1\nepochs = 3")
    first = workspace.submit(path, parameters={"epochs": 5})
    assert recorded(rerun(workspace, first.run_id)) == [
        ("epochs", 5, "given"),
        ("alpha", 0.1, "default"),
    ]


@pytest.mark.parametrize("given", [{}, {"api_token": None}])
def test_a_secret_that_is_not_given_again_is_asked_for_though_it_may_be_none(
    workspace: Workspace, given: dict[str, Any]
) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters=CELL)
    first = workspace.submit(path, parameters={"api_token": "canary-77aa"})
    with pytest.raises(InvalidParameter, match="Give the secret api_token again") as refused:
        rerun(workspace, first.run_id, **given)
    assert refused.value.field == "parameters.api_token"
    again = rerun(workspace, first.run_id, api_token="canary-78bb")
    assert ("api_token", "***", "given") in recorded(again)


def test_the_form_of_a_recorded_source_is_that_of_the_run_whatever_the_notebook_became(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("train.ipynb", "1", parameters=CELL)
    run = workspace.submit(
        path,
        parameters={"epochs": 5, "api_token": "canary-77aa"},
        experiment="wine",
        time_limit=60.0,
    )
    for change in (
        lambda: workspace.notebook("train.ipynb", "1", parameters="other = 1"),
        (workspace.root / path).unlink,
    ):
        change()
        found = form(workspace, run.run_id)
        names = [spec.key for spec in found.parameters]
        assert names[:3] == ["alpha", "epochs", "api_token"]
        assert found.digest == run.source_digest
        assert (found.path, found.kernel_name) == (path, "python3")
        assert found.last_used == {"epochs": 5}
        assert (found.last_experiment, found.last_kernel_name) == ("wine", None)
        assert found.last_time_limit == 60.0


def test_a_run_from_code_has_no_form(workspace: Workspace) -> None:
    run_id = "c" * 32
    workspace.insert(
        runs.NewRunRow(
            run_id=run_id,
            experiment_id=workspace.submit(workspace.notebook("a.ipynb", "1")).experiment_id,
            name="script",
            source_type="script",
            notebook="train.py",
            user="ada",
            kernel_name=None,
            time_limit=None,
            save_to=None,
            rerun_of=None,
            source_digest=None,
            created_at=1,
            status=RunStatus.RUNNING,
            spec=None,
        )
    )
    with pytest.raises(Conflict, match="Only a run of a notebook"):
        form(workspace, run_id)


def test_what_the_code_logs_replaces_the_default_it_started_from(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    try:
        path = workspace.notebook(
            "train.ipynb",
            "from jupyter_mlops import log_param\nlog_param('epochs', 9)\nlog_param('alpha', 9)",
            parameters="alpha = 0.1\nepochs = 3\nsize = 1",
        )
        run_id = workspace.submit(path, parameters={"alpha": 0.5}).run_id
        assert recorded(workspace.ended(run_id)) == [
            ("alpha", 0.5, "given"),
            ("epochs", 9, "logged"),
            ("size", 1, "default"),
        ]
    finally:
        workspace.close()
