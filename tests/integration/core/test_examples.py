from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from ipykernel.ipkernel import IPythonKernel

from jupyter_mlops.domain.parameters import bind
from jupyter_mlops.domain.runs import Reason, Run, RunStatus
from jupyter_mlops.domain.source_notebook import read_form
from tests.workspace import Workspace, until

EXAMPLES = Path(__file__).parents[3] / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


@pytest.fixture
def workspace(tmp_path: Path, workspace: Workspace) -> Workspace:
    for path in EXAMPLES.iterdir():
        shutil.copy(path, workspace.root / path.name)
    return workspace


def run(workspace: Workspace, name: str, **parameters: Any) -> Run:
    return workspace.ended(workspace.submit(name, parameters=parameters).run_id, seconds=100)


def artifacts(workspace: Workspace, run_id: str) -> set[str]:
    return {artifact.path for artifact in workspace.artifacts(run_id)}


def points(run: Run) -> dict[str, int]:
    return {metric.key: metric.count for metric in run.metrics}


def shows_a_figure(workspace: Workspace, run_id: str) -> bool:
    outputs = [out for cell in workspace.executed(run_id).cells for out in cell.get("outputs", [])]
    return any("image/png" in out.get("data", {}) for out in outputs)


def test_there_are_the_examples_that_the_readme_names() -> None:
    readme = (EXAMPLES / "README.md").read_text()
    assert len(NOTEBOOKS) >= 5
    assert all(f"`{name}`" in readme for name in NOTEBOOKS)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_example_ships_without_history_and_in_valid_form(name: str) -> None:
    content = (EXAMPLES / name).read_bytes()
    nbformat.validate(nbformat.reads(content.decode(), as_version=4))
    for cell in json.loads(content)["cells"]:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_an_example_says_of_its_language_what_the_kernel_would_write_into_it(name: str) -> None:
    said = json.loads((EXAMPLES / name).read_bytes())["metadata"]["language_info"]
    # The version is the reader's own: `jupyter mlops examples` writes it into the copies.
    assert said | {"version": sys.version.split()[0]} == IPythonKernel.language_info


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_form_of_an_example_is_complete(name: str) -> None:
    form = read_form((EXAMPLES / name).read_bytes())
    assert form.warnings == []
    assert form.has_parameters_cell
    assert len(form.specs) >= 3
    for spec in form.specs:
        assert spec.help or spec.key == "seed"
        assert bind(form.specs, {spec.key: spec.default})[0].value == spec.default


@pytest.mark.parametrize(
    ("name", "parameters", "metric", "files"),
    [
        (
            "breast_cancer.ipynb",
            {"epochs": 12, "penalty": "elasticnet", "balanced": False, "seed": None},
            "test_auc",
            {"model/model.skops", "plots/roc_and_confusion.png"},
        ),
        (
            "diabetes.ipynb",
            {"trees": 12, "loss": "huber", "columns": ["bmi", "bp", "s5"]},
            "test_rmse",
            {"importance.json", "model/model.skops", "plots/importance_and_fit.png"},
        ),
        (
            "digits.ipynb",
            {"epochs": 12, "hidden_layers": [16], "batch_size": 256, "stop_after": None},
            "test_accuracy",
            {"model/layers.txt", "model/network.npz", "plots/mistakes.png"},
        ),
    ],
)
def test_an_example_leaves_curves_figures_and_its_model(
    workspace: Workspace, name: str, parameters: dict[str, Any], metric: str, files: set[str]
) -> None:
    ended = run(workspace, name, **parameters)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert points(ended)[metric] == 12
    assert ended.key_metric is not None
    assert ended.key_metric.key == metric
    assert artifacts(workspace, ended.run_id) == files
    assert shows_a_figure(workspace, ended.run_id)


@pytest.mark.parametrize("name", ["breast_cancer.ipynb", "diabetes.ipynb", "digits.ipynb"])
def test_an_example_teaches_with_its_defaults(workspace: Workspace, name: str) -> None:
    ended = run(workspace, name)
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    latest = {metric.key: metric.value for metric in ended.metrics}
    better_than_chance = {
        "breast_cancer.ipynb": lambda: latest["test_auc"] > 0.97,
        "diabetes.ipynb": lambda: latest["test_rmse"] < 0.8 * float(latest["baseline_rmse"]),
        "digits.ipynb": lambda: latest["test_accuracy"] > 0.95,
    }
    assert better_than_chance[name]()


def test_the_failing_example_fails_at_its_last_cell_and_keeps_what_was_measured(
    workspace: Workspace,
) -> None:
    ended = run(workspace, "fails_at_a_cell.ipynb")
    assert (ended.status, ended.reason) == (RunStatus.FAILED, Reason.CELL_ERROR)
    assert "X has 10 features, but Ridge is expecting 9" in (ended.message or "")
    assert points(ended) == {"fold_rmse": 5}
    failing = ended.progress.failing_cell
    assert failing is not None
    assert "model.predict(test_x)" in workspace.executed(ended.run_id).cells[failing].source


def test_the_failing_example_can_be_mended_by_its_switch(workspace: Workspace) -> None:
    ended = run(workspace, "fails_at_a_cell.ipynb", forget_the_test_data=False, dropped="age")
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert points(ended) == {"fold_rmse": 5, "test_rmse": 1}


def test_the_long_example_is_still_searching_when_it_is_cancelled(workspace: Workspace) -> None:
    run_id = workspace.submit("long_search.ipynb").run_id
    until(lambda: points(workspace.run(run_id)).get("best_accuracy", 0) >= 2, "two candidates")
    workspace.cancel(run_id)
    ended = workspace.ended(run_id)
    assert (ended.status, ended.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert points(ended)["accuracy"] >= 2
    assert "best.json" in artifacts(workspace, run_id)


def test_the_long_example_ends_by_itself_when_little_is_asked(workspace: Workspace) -> None:
    ended = run(workspace, "long_search.ipynb", candidates=2, folds=2, kernels=["rbf"])
    assert (ended.status, ended.message) == (RunStatus.FINISHED, None)
    assert points(ended) == {"accuracy": 2, "best_accuracy": 2}
