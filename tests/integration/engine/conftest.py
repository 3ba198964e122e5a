"""A run directory, a real kernel and the engine between them, without the processes around."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec

from jupyter_mlops.domain.parameters import BoundParameter
from jupyter_mlops.domain.run_spec import PROTOCOL_VERSION, RunSpec
from jupyter_mlops.domain.spool import CellChanged, Record
from jupyter_mlops.execution.cell_loop import EngineOutcome
from jupyter_mlops.execution.engine import execute
from jupyter_mlops.execution.kernel_end import shut_down
from jupyter_mlops.execution.kernel_environment import kernel_environment, run_environment
from jupyter_mlops.execution.kernel_start import start_kernel
from jupyter_mlops.execution.oom import OutOfMemoryWatch
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.execution.spool import read_records
from jupyter_mlops.execution.spool_writer import SpoolWriter
from jupyter_mlops.execution.started_kernel import StartedKernel
from jupyter_mlops.execution.stop_flag import StopFlag

Cell = str | tuple[str, list[str]]


@dataclass
class Execution:
    """What an executed notebook left behind."""

    run: RunDirectory
    outcome: EngineOutcome
    seconds: float

    @property
    def notebook(self) -> Any:
        """The executed notebook; reading it validates it."""
        notebook = nbformat.read(self.run.executed, as_version=4)
        nbformat.validate(notebook)
        return notebook

    @property
    def code(self) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    @property
    def log(self) -> str:
        return self.run.log.read_text()

    @property
    def records(self) -> list[Record]:
        found: list[Record] = []
        for path in self.run.spools():
            batch = read_records(path, 0)
            assert batch.damaged == 0
            found += batch.records
        return found

    def of_type(self, kind: type) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    @property
    def states(self) -> list[str]:
        """The last reported state of each code cell, which the notebook must repeat."""
        last: dict[int, str] = {}
        for record in self.of_type(CellChanged):
            last[record.index] = record.state.value
        assert [cell.metadata.papermill.status for cell in self.code] == list(last.values())
        return list(last.values())

    def text(self, index: int) -> str:
        """The joined streams of a code cell."""
        outputs = self.code[index].outputs
        return "".join(output.text for output in outputs if output.output_type == "stream")


class Bench:
    """Starts executions in ``home`` and ends their kernels."""

    def __init__(self, home: Path, folder: Path) -> None:
        self.home = home
        self.folder = folder
        self.kernel_argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.language = "python"
        self.kernels: list[StartedKernel] = []
        self.runs: list[RunDirectory] = []

    def prepare(
        self,
        notebook: Any,
        parameters: list[BoundParameter] | None = None,
        secrets: Mapping[str, str] | None = None,
        stop: StopFlag | None = None,
        memory: OutOfMemoryWatch | None = None,
        **changes: Any,
    ) -> Callable[[], Execution]:
        """Start the kernel and return what drives the notebook through it."""
        source = notebook if isinstance(notebook, bytes) else nbformat.writes(notebook).encode()
        stop = stop or StopFlag()
        orders: dict[str, Any] = {
            "run_id": os.urandom(16).hex(),
            "protocol": PROTOCOL_VERSION,
            "notebook": "folder/notebook.ipynb",
            "source_digest": f"sha256:{sha256(source).hexdigest()}",
            "working_directory": str(self.folder),
            "parameters": parameters or [],
            "kernel_name": "python3",
            "warm": False,
            "time_limit": None,
            "start_timeout": 60.0,
            "save_to": None,
            "user": "alice",
            "experiment": "folder",
            "created_at": 0,
            "environment_mode": "deny",
            "environment_allowed": [],
        }
        spec = RunSpec(**(orders | changes))
        run = RunDirectory(self.home, spec.run_id)
        run.create(spec, source)
        self.runs.append(run)
        kernel = start_kernel(
            run,
            spec,
            KernelSpec(
                argv=self.kernel_argv, display_name="Test kernel", language=self.language
            ).to_dict(),
            kernel_environment(run_environment(os.environ, "deny", []), run, secrets or {}),
            frozenset(),
            stop,
            memory or OutOfMemoryWatch(),
        )
        self.kernels.append(kernel)

        def drive() -> Execution:
            report = SpoolWriter(run.spool)
            started = time.monotonic()
            try:
                outcome = execute(run, spec, kernel, report, secrets or {}, stop)
            finally:
                report.close()
            return Execution(run, outcome, time.monotonic() - started)

        return drive

    def run(self, *cells: Cell, **options: Any) -> Execution:
        """Run a notebook of code cells, given as source or (source, tags)."""
        return self.prepare(notebook_of(*cells), **options)()

    def close(self) -> None:
        for kernel in self.kernels:
            shut_down(kernel, patience=0)
            if kernel.process is not None:
                while kernel.process.poll() is None:
                    time.sleep(0.01)
            kernel.manager.cleanup_resources()
        for run in self.runs:
            run.remove_sockets()


def notebook_of(*cells: Cell) -> Any:
    notebook = nbformat.v4.new_notebook()
    for cell in cells:
        source, tags = (cell, []) if isinstance(cell, str) else cell
        metadata = {"tags": tags} if tags else {}
        notebook.cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    return notebook


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    folder = tmp_path / "folder"
    folder.mkdir()
    bench = Bench(tmp_path / "home", folder)
    yield bench
    bench.close()
