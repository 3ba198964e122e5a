"""How a kernel leaves: what MLflow has open in it ends as the notebook did."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.kernel_end import shut_down

if TYPE_CHECKING:
    from tests.integration.engine.conftest import Bench

# The part of MLflow that ends runs: a stack of them, the last of which an exit handler calls FINISHED.
MLFLOW = """
    import atexit
    open_runs = []

    def start_run(name):
        open_runs.append(name)

    def active_run():
        return open_runs[-1] if open_runs else None

    def end_run(status="FINISHED"):
        if open_runs:
            with open("ended.txt", "a") as file:
                print(open_runs.pop(), status, file=file)

    atexit.register(end_run)
    """


@pytest.fixture
def ended(bench: Bench) -> Path:
    """The file in which runs are noted as they end."""
    (bench.folder / "mlflow.py").write_text(textwrap.dedent(MLFLOW))
    return bench.folder / "ended.txt"


OPEN = "import mlflow\nmlflow.start_run('outer')\nmlflow.start_run('inner')"


def leave(bench: Bench, *cells: str) -> None:
    """Run cells, and end the kernel as the worker of a run does."""
    done = bench.run(*cells)
    failed = done.outcome.status is RunStatus.FAILED
    (kernel,) = bench.kernels
    shut_down(kernel, patience=20, failed=failed)
    assert kernel.process is not None
    assert kernel.process.poll() == 0


def test_the_failure_of_a_cell_fails_every_run_that_it_cut_off(bench: Bench, ended: Path) -> None:
    leave(bench, OPEN, "1 / 0")
    assert ended.read_text() == "inner FAILED\nouter FAILED\n"


def test_a_notebook_that_ends_well_leaves_to_mlflow_what_is_open(bench: Bench, ended: Path) -> None:
    leave(bench, OPEN)
    assert ended.read_text() == "inner FINISHED\n"


def test_mlflow_is_not_imported_to_end_runs(bench: Bench, ended: Path) -> None:
    (bench.folder / "mlflow.py").write_text("open('ended.txt', 'w').write('imported')")
    leave(bench, "1 / 0")
    assert not ended.exists()


@pytest.mark.parametrize(
    "fault",
    [
        "import sys; sys.modules['mlflow'] = None",
        "import mlflow; mlflow.active_run = None",
        f"{OPEN}; mlflow.end_run = lambda status: 1 / 0",
        f"{OPEN}; mlflow.end_run = lambda status: None",
    ],
)
def test_a_broken_mlflow_keeps_no_kernel(bench: Bench, ended: Path, fault: str) -> None:
    leave(bench, fault, "1 / 0")
