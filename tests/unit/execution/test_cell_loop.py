"""The cell loop over a wire that says what the test wants, in the order that it wants."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, cast

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.cell_loop import CellLoop, EngineOutcome
from jupyter_mlops.execution.executed_notebook import ExecutedNotebook
from jupyter_mlops.execution.kernel_wire import KernelWire, Message
from jupyter_mlops.execution.masking import Masker
from jupyter_mlops.execution.run_log import RunLog
from jupyter_mlops.execution.saving import NotebookSaver
from jupyter_mlops.execution.spool_writer import SpoolWriter
from jupyter_mlops.execution.started_kernel import ExitStatus, StartedKernel
from jupyter_mlops.execution.stop_flag import StopFlag

BEGUN = datetime(2026, 1, 1, tzinfo=timezone.utc)


def message(kind: str, content: dict[str, Any], after: float = 0.0) -> Message:
    channel = "shell" if kind == "execute_reply" else "iopub"
    date = (BEGUN + timedelta(seconds=after)).isoformat().replace("+00:00", "Z")
    return Message(channel, kind, "request", date, json.dumps(content).encode(), [])


OK = message("execute_reply", {"status": "ok", "execution_count": 1})
IDLE = message("status", {"execution_state": "idle"})


class _Wire:
    """Gives one batch of messages after the other; to ask for more than there are is a fault."""

    def __init__(self, batches: Iterator[list[Message]]) -> None:
        self._batches = batches

    def execute(self, _code: str, **_options: Any) -> str:
        return "request"

    def send_comm(self, _comm_id: str, _data: dict[str, Any]) -> None:
        """Nobody listens."""

    def receive(self, _timeout: float) -> list[Message]:
        return next(self._batches)


class _Kernel:
    """A kernel that is gone."""

    def is_alive(self) -> bool:
        return False

    def exit_status(self) -> ExitStatus:
        return ExitStatus(code=1, out_of_memory=False)


def outcome(tmp_path: Path, *batches: list[Message]) -> EngineOutcome:
    """Run a notebook of one cell."""
    source = nbformat.writes(new_notebook(cells=[new_code_cell("pass")])).encode()
    notebook = ExecutedNotebook.from_source(source)
    report = SpoolWriter(tmp_path)
    log = RunLog(tmp_path / "run.log")
    loop = CellLoop(
        notebook,
        cast("KernelWire", _Wire(iter(batches))),
        cast("StartedKernel", _Kernel()),
        NotebookSaver(tmp_path / "executed.ipynb", notebook, report),
        report,
        log,
        Masker({}),
        StopFlag(),
        None,
    )
    try:
        return loop.run()
    finally:
        report.close()
        log.close()


def test_an_answer_that_comes_with_the_kernels_last_breath_counts(tmp_path: Path) -> None:
    # At the first look nothing was there yet; the kernel answered and left before the second.
    assert outcome(tmp_path, [], [OK, IDLE], []).status is RunStatus.FINISHED


def test_a_kernel_that_left_without_an_answer_died(tmp_path: Path) -> None:
    assert outcome(tmp_path, [], [IDLE], []).reason is Reason.KERNEL_DIED


@pytest.mark.timeout(10)
def test_a_thread_that_goes_on_printing_hides_no_lost_idle(tmp_path: Path) -> None:
    chatter = [
        [message("stream", {"name": "stdout", "text": "."}, after)] for after in (1.0, 9.0, 11.0)
    ]
    assert outcome(tmp_path, [OK], *chatter).status is RunStatus.FINISHED
    assert "did not report that the cell is over" in (tmp_path / "run.log").read_text()


@pytest.mark.timeout(10)
def test_output_that_is_still_under_way_is_waited_for(tmp_path: Path) -> None:
    before = message("stream", {"name": "stdout", "text": "."}, -1.0)
    assert outcome(tmp_path, [OK], [before], [before], [IDLE]).status is RunStatus.FINISHED
    assert "did not report" not in (tmp_path / "run.log").read_text()
