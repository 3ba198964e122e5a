"""What MLflow's clients need comes to a run by its environment, and goes nowhere else."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.domain.mlflow_address import MlflowAddress
from jupyter_mlops.domain.runs import Run, RunStatus
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from tests.workspace import Workspace

ADDRESS = MlflowAddress(uri="http://127.0.0.1:9/mlops", certificate=None)
# The file is outside of all that the product keeps.
TELL = """
import json, os
with open("seen.json", "w") as file:
    json.dump(dict(os.environ), file)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A core that a server hosts whose address is known."""
    made = Workspace(tmp_path, address=ADDRESS)
    yield made
    made.close()


def environment_of(workspace: Workspace, *cells: str) -> tuple[Run, dict[str, str]]:
    """Run a notebook; return the run and the environment that its kernel saw."""
    run = workspace.submit(workspace.notebook("dir/n.ipynb", TELL, *cells), experiment="e")
    ended = workspace.ended(run.run_id)
    seen: dict[str, str] = json.loads((workspace.root / "dir" / "seen.json").read_text())
    return ended, seen


def of_mlflow(environment: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in environment.items() if name.startswith("MLFLOW_")}


@pytest.mark.parametrize("mode", ["deny", "allow"])
def test_a_run_knows_where_it_logs_and_has_a_token_of_its_own(tmp_path: Path, mode: str) -> None:
    workspace = Workspace(tmp_path, address=ADDRESS, environment_mode=mode)
    try:
        run, seen = environment_of(workspace)
        found = of_mlflow(seen)
        token = found.pop("MLFLOW_TRACKING_TOKEN")
        assert json.loads(found.pop("MLFLOW_RUN_CONTEXT")) == {
            "mlflow.source.name": "dir/n.ipynb",
            "mlflow.source.type": "NOTEBOOK",
            "mlflow.user": "ada",
        }
        assert found == {
            "MLFLOW_TRACKING_URI": ADDRESS.uri,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_EXPERIMENT_ID": str(run.experiment_id),
        }
        assert token.startswith("jmk_")
        _, other = environment_of(workspace)
        assert other["MLFLOW_TRACKING_TOKEN"] != token
    finally:
        workspace.close()


def test_the_token_is_in_no_file_of_the_product_however_the_notebook_shows_it(
    workspace: Workspace,
) -> None:
    show = (
        "import base64, jupyter_mlops\n"
        "token = os.environ['MLFLOW_TRACKING_TOKEN']\n"
        "print(token, base64.b64encode(token.encode()).decode())\n"
        "jupyter_mlops.log_param('token', token)\n"
        "token"
    )
    run, seen = environment_of(workspace, show, "raise ValueError(token)")
    assert run.message == "ValueError: ***"
    token = seen["MLFLOW_TRACKING_TOKEN"]
    texts = [token.encode(), base64.b64encode(token.encode())]
    assert "***" in str(workspace.executed(run.run_id))
    for path in workspace.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            assert not any(text in data for text in texts), path


@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_USERNAME"])
def test_who_set_up_mlflow_keeps_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "own")
    _, seen = environment_of(workspace)
    assert of_mlflow(seen) == {name: "own"}


def test_a_kernelspec_that_sets_up_mlflow_keeps_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spec = {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Own",
        "language": "python",
        "env": {"MLFLOW_TRACKING_URI": "http://mlflow.example.org"},
    }
    folder = tmp_path / "data" / "kernels" / "own"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "data"))
    path = workspace.notebook("n.ipynb", TELL)
    run = workspace.ended(workspace.submit(path, kernel_name="own").run_id)
    assert run.status is RunStatus.FINISHED, run.message
    seen = json.loads((workspace.root / "seen.json").read_text())
    assert of_mlflow(seen) == {"MLFLOW_TRACKING_URI": "http://mlflow.example.org"}


def test_what_another_kernel_was_given_does_not_reach_a_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1/mlops")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "jmk_of-another")
    monkeypatch.setenv("MLFLOW_RUN_CONTEXT", '{"mlflow.source.name": "other.ipynb"}')
    _, seen = environment_of(workspace)
    assert seen["MLFLOW_TRACKING_URI"] == ADDRESS.uri
    assert seen["MLFLOW_TRACKING_TOKEN"] != "jmk_of-another"
    assert "dir/n.ipynb" in seen["MLFLOW_RUN_CONTEXT"]


def test_without_a_server_that_clients_can_reach_there_is_nothing_to_add(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    try:
        _, seen = environment_of(workspace)
        assert of_mlflow(seen) == {}
    finally:
        workspace.close()


@pytest.mark.parametrize("error", [Unavailable("The store is away."), RuntimeError("a fault")])
def test_a_run_that_can_have_no_token_starts_all_the_same(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    def refuse(*_: Any) -> str:
        raise error

    monkeypatch.setattr(KernelTokenService, "issue_for_run", refuse)
    run, seen = environment_of(workspace)
    assert run.status is RunStatus.FINISHED
    assert of_mlflow(seen) == {}
    told = [each for each in caplog.records if "without MLflow tracking" in each.message]
    assert len(told) == 1
    assert run.run_id in told[0].message
