"""What becomes of a notebook and its cells."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.spool import (
    CellChanged,
    EnvironmentCaptured,
    NotebookSaved,
    RunStarted,
)
from jupyter_mlops.execution.oom import OutOfMemoryWatch
from jupyter_mlops.execution.started_kernel import KernelNotStarted
from jupyter_mlops.execution.stop_flag import StopFlag
from tests.integration.engine.conftest import notebook_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.engine.conftest import Bench


def bound(key: str, kind: Any, value: Any) -> BoundParameter:
    return BoundParameter(key=key, type=kind, value=value, secret=False)


def test_a_notebook_runs_with_its_parameters_and_leaves_a_record(bench: Bench) -> None:
    done = bench.run(
        ("alpha = 1", ["parameters"]),
        "print(alpha * 2)",
        parameters=[bound("alpha", "float", 0.25)],
    )
    assert done.outcome.status is RunStatus.FINISHED
    assert [cell.source for cell in done.code] == [
        "alpha = 1",
        "# Parameters\nalpha = 0.25\n",
        "print(alpha * 2)",
    ]
    assert done.code[1].metadata.tags == ["injected-parameters"]
    assert done.notebook.metadata.papermill.parameters == {"alpha": 0.25}
    assert done.text(2) == "0.5\n"
    assert [cell.execution_count for cell in done.code] == [1, 2, 3]
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


def test_without_a_parameters_cell_the_injected_one_comes_first(bench: Bench) -> None:
    done = bench.run("print(x)", parameters=[bound("x", "tuple", [1, 2])])
    assert done.code[0].source == "# Parameters\nx = (1, 2)\n"
    assert done.text(1) == "(1, 2)\n"


def test_an_injected_cell_of_an_earlier_execution_is_replaced(bench: Bench) -> None:
    done = bench.run(
        ("x = 1", ["parameters"]),
        ("x = 2", ["injected-parameters"]),
        "print(x)",
        parameters=[bound("x", "int", 3)],
    )
    assert [cell.source for cell in done.code] == ["x = 1", "# Parameters\nx = 3\n", "print(x)"]


def test_the_run_stops_at_the_failing_cell_and_names_it(bench: Bench) -> None:
    done = bench.run("x = 1", "1 / 0", "print('never')")
    assert done.outcome.status is RunStatus.FAILED
    assert done.outcome.reason is Reason.CELL_ERROR
    assert done.outcome.message == "ZeroDivisionError: division by zero"
    assert done.outcome.failing_cell == 1
    assert done.states == ["completed", "failed", "pending"]
    assert done.code[1].outputs[0].ename == "ZeroDivisionError"
    assert "ZeroDivisionError: division by zero" in done.log
    assert [cell.metadata.papermill.exception for cell in done.code] == [False, True, None]
    assert done.notebook.metadata.papermill.exception is True
    [failed] = [record for record in done.of_type(CellChanged) if record.error_name]
    assert (failed.error_name, failed.error_value) == ("ZeroDivisionError", "division by zero")


def test_a_cell_that_may_fail_does_not_stop_the_run(bench: Bench) -> None:
    done = bench.run(("1 / 0", ["raises-exception"]), "print('on')")
    assert done.outcome.status is RunStatus.FINISHED
    assert done.states == ["completed", "completed"]
    assert done.code[0].outputs[0].output_type == "error"
    assert done.text(1) == "on\n"


def test_empty_and_skipped_cells_count_as_done_without_running(bench: Bench) -> None:
    done = bench.run("  \n", ("print('no')", ["skip-execution"]), "print('yes')")
    assert done.states == ["completed"] * 3
    assert [cell.execution_count for cell in done.code] == [None, None, 1]


@pytest.mark.parametrize("ending", ["import sys; sys.exit(0)", "import sys; sys.exit()", "exit()"])
def test_a_notebook_may_end_itself_in_good_order(bench: Bench, ending: str) -> None:
    done = bench.run("x = 1", ending, "print('never')")
    assert done.outcome.status is RunStatus.FINISHED
    assert done.states == ["completed", "completed", "pending"]
    assert done.code[2].execution_count is None
    assert done.notebook.metadata.papermill.exception is None


def test_an_exit_code_is_a_failure(bench: Bench) -> None:
    done = bench.run("import sys; sys.exit(3)", "x = 1")
    assert done.outcome.reason is Reason.CELL_ERROR
    assert done.outcome.message == "SystemExit: 3"
    assert done.states == ["failed", "pending"]


def test_asking_for_input_fails_instead_of_hanging(bench: Bench) -> None:
    done = bench.run("input('name?')")
    assert done.outcome.reason is Reason.CELL_ERROR
    assert done.outcome.message is not None
    assert "StdinNotImplementedError" in done.outcome.message


def test_a_killed_kernel_leaves_the_cell_interrupted_and_the_rest_pending(bench: Bench) -> None:
    done = bench.run(
        "x = 1",
        "print('last words', flush=True)\nimport os, time\ntime.sleep(.2)\nos.kill(os.getpid(), 9)",
        "x = 2",
    )
    assert done.outcome.status is RunStatus.FAILED
    assert done.outcome.reason is Reason.KERNEL_DIED
    assert done.outcome.failing_cell == 1
    assert done.outcome.message is not None
    assert "SIGKILL" in done.outcome.message
    assert done.states == ["completed", "interrupted", "pending"]
    assert done.text(1) == "last words\n"
    assert done.of_type(EnvironmentCaptured)


def stopped_while_running(bench: Bench, reason: Any, *cells: str) -> Any:
    """Run cells, the last of which leaves a file when it runs; stop it then."""
    stop = StopFlag()
    mark = bench.folder / "running"
    drive = bench.prepare(
        notebook_of("x = 1", *cells, "x = 2"), stop=stop, time_limit=1.5, warm=False
    )

    def order() -> None:
        while not mark.exists():
            time.sleep(0.02)
        stop.set(reason)

    thread = threading.Thread(target=order)
    thread.start()
    done = drive()
    thread.join()
    return done


MARK = "open('running', 'w').close()\n"


def test_a_cancelled_cell_is_interrupted_with_its_output(bench: Bench) -> None:
    done = stopped_while_running(
        bench, "cancelled", f"print('begun', flush=True)\n{MARK}import time\ntime.sleep(60)"
    )
    assert done.outcome.status is RunStatus.KILLED
    assert done.outcome.reason is Reason.CANCELLED
    assert done.states == ["completed", "interrupted", "pending"]
    assert done.text(1) == "begun\n"
    assert done.code[1].outputs[-1].ename == "KeyboardInterrupt"


def test_a_time_limit_is_a_failure_that_names_the_limit(bench: Bench) -> None:
    done = stopped_while_running(bench, "time_limit", f"{MARK}import time\ntime.sleep(60)")
    assert done.outcome.status is RunStatus.FAILED
    assert done.outcome.reason is Reason.TIME_LIMIT
    assert done.outcome.message == "The run reached its time limit of 1.5 s."
    assert done.outcome.failing_cell == 1
    assert done.states == ["completed", "interrupted", "pending"]


def test_a_cell_that_swallows_the_interrupt_is_given_up_after_its_grace(bench: Bench) -> None:
    cell = (
        f"import time\n{MARK}while True:\n    try:\n        time.sleep(1)\n"
        "    except KeyboardInterrupt:\n        print('no', flush=True)"
    )
    done = stopped_while_running(bench, "cancelled", cell)
    assert done.outcome.status is RunStatus.KILLED
    assert done.states == ["completed", "interrupted", "pending"]
    assert "no\n" in done.text(1)


def test_a_kernel_that_does_not_start_leaves_a_valid_notebook(bench: Bench) -> None:
    bench.kernel_argv = [sys.executable, "-m", "ipykernel_launcher", "--no-such-option"]
    drive = bench.prepare(notebook_of("x = 1"))
    with pytest.raises(KernelNotStarted):
        drive()
    notebook = nbformat.read(bench.runs[-1].executed, as_version=4)
    assert notebook.cells[0].metadata.papermill.status == "pending"


def test_a_damaged_source_is_refused_in_words(bench: Bench) -> None:
    done = bench.prepare(b'{"cells": [], "metadata": {}')()
    assert done.outcome.status is RunStatus.FAILED
    assert done.outcome.reason is Reason.REFUSED
    assert done.outcome.message == "The file is not a notebook: it is not JSON."


def test_the_kernel_works_in_the_folder_of_the_notebook(bench: Bench) -> None:
    (bench.folder / "local_module.py").write_text("answer = 42")
    done = bench.run(
        "import local_module\nprint(local_module.answer, open('local_module.py').read())"
    )
    assert done.text(0) == "42 answer = 42\n"


def test_old_outputs_and_marks_of_the_source_are_left_behind(bench: Bench) -> None:
    notebook = notebook_of("x = 1", "1 / 0", "x")
    for cell in notebook.cells:
        cell.outputs = [nbformat.v4.new_output("stream", text="stale")]
        cell.execution_count = 99
        cell.metadata["execution"] = {"iopub.status.idle": "long ago"}
        cell.metadata["papermill"] = {"status": "completed", "error": "stale"}
    notebook.metadata["papermill"] = {"exception": True}
    notebook.metadata["authors"] = [{"name": "Ada"}]
    done = bench.prepare(notebook)()
    assert "stale" not in done.run.executed.read_text()
    assert "long ago" not in done.run.executed.read_text()
    assert done.code[2].execution_count is None
    assert done.notebook.metadata.authors == [{"name": "Ada"}]


def test_an_old_minor_format_with_odd_cells_becomes_a_valid_notebook(bench: Bench) -> None:
    source = {
        "cells": [
            {"cell_type": "code", "source": ["print(\n", "'é')"], "metadata": {}, "outputs": []},
            {"cell_type": "markdown", "source": "# Titel", "metadata": {}, "odd": 1, "id": "a"},
            {"cell_type": "raw", "source": "", "metadata": {"tags": ["x"]}, "id": "a"},
        ],
        "metadata": {"kernelspec": {"name": "gone", "display_name": "Gone"}},
        "nbformat": 4,
        "nbformat_minor": 2,
    }
    done = bench.prepare(json.dumps(source).encode())()
    assert done.outcome.status is RunStatus.FINISHED
    assert done.text(0) == "é\n"
    assert done.notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in done.notebook.cells}) == 3


def test_the_file_is_laid_out_as_jupyter_writes_it(bench: Bench) -> None:
    notebook = notebook_of("print('a\\nb')", "{'text/plain': 1}", "", "import time\ntime.sleep(0)")
    notebook.cells.insert(1, nbformat.v4.new_markdown_cell("# Title\n\ntext"))
    done = bench.prepare(notebook)()
    text = done.run.executed.read_text()
    assert nbformat.writes(nbformat.reads(text, as_version=4)) + "\n" == text


def test_the_papermill_registry_knows_the_engine(bench: Bench) -> None:
    from papermill.engines import papermill_engines

    bench.run("x = 1")
    assert papermill_engines.get_engine("jupyter_mlops").__name__ == "NotebookEngine"


def test_an_interrupt_from_outside_is_a_cell_error(bench: Bench) -> None:
    mark = bench.folder / "running"
    drive = bench.prepare(notebook_of(f"{MARK}import time\ntime.sleep(60)"))
    process = bench.kernels[-1].process
    assert process is not None

    def interrupt() -> None:
        while not mark.exists():
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    done = drive()
    thread.join()
    assert done.outcome.reason is Reason.CELL_ERROR
    assert done.states == ["failed"]


@pytest.mark.parametrize(
    ("risen", "end", "reason"),
    [
        (1, "os.kill(os.getpid(), signal.SIGKILL)", Reason.OUT_OF_MEMORY),
        (0, "os.kill(os.getpid(), signal.SIGKILL)", Reason.KERNEL_DIED),
        # Somebody else's process was killed for memory; ours ended in its own way.
        (1, "os.kill(os.getpid(), signal.SIGTERM)", Reason.KERNEL_DIED),
        (1, "os._exit(137)", Reason.KERNEL_DIED),
    ],
)
def test_a_kernel_was_killed_for_memory_if_it_was_killed_and_the_counter_has_risen(
    bench: Bench, tmp_path: Path, risen: int, end: str, reason: Reason
) -> None:
    counter = tmp_path / "machine" / "proc" / "vmstat"
    counter.parent.mkdir(parents=True)
    counter.write_text("nr_free_pages 5\noom_kill 2\n")
    done = bench.run(
        "import os, signal",
        f"open({str(counter)!r}, 'w').write('nr_free_pages 5\\noom_kill {2 + risen}\\n')\n{end}",
        memory=OutOfMemoryWatch(tmp_path / "machine"),
    )
    assert (done.outcome.status, done.outcome.reason) == (RunStatus.FAILED, reason)
    assert done.outcome.failing_cell == 1
    assert ("ran out of memory" in str(done.outcome.message)) == (reason is Reason.OUT_OF_MEMORY)
