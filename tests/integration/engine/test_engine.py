from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.domain.spool import CellChanged, EnvironmentCaptured, NotebookSaved, RunStarted

if TYPE_CHECKING:
    from conftest import Bench


def test_a_notebook_runs_with_its_parameters_and_leaves_a_record(bench: Bench) -> None:
    done = bench.run(
        ("alpha = 1", ["parameters"]),
        "print(alpha * 2)",
        parameters=[BoundParameter(name="alpha", type="float", value=0.25, secret=False)],
    )
    assert done.outcome.status is RunStatus.FINISHED
    assert [cell.source for cell in done.code] == [
        "alpha = 1",
        "# Parameters\nalpha = 0.25\n",
        "print(alpha * 2)",
    ]
    assert done.code[1].metadata.tags == ["injected-parameters"]
    assert done.text(2) == "0.5\n"
    assert done.states == ["completed"] * 3
    assert "0.5\n" in done.log
    [started] = done.of_type(RunStarted)
    assert started.cells_total == 3
    assert [record.state.value for record in done.of_type(CellChanged) if record.index == 2] == [
        "pending",
        "running",
        "completed",
    ]
    assert done.of_type(NotebookSaved)[-1].size == done.run.executed.stat().st_size
    [captured] = done.of_type(EnvironmentCaptured)
    assert "ipykernel" in {package.name for package in captured.environment.packages}
