"""Runs in their real process tree: an executor, its launcher, reapers, workers and kernels."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import psutil
from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.run_spec import PROTOCOL_VERSION, RunResult, RunSpec
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.process_tree import carriers
from tests.workspace import until


def notebook(*cells: str) -> bytes:
    """A notebook of code cells for the usual kernel."""
    book = new_notebook(
        cells=[new_code_cell(source) for source in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )
    return nbformat.writes(book).encode()


def orders(folder: Path, **changes: Any) -> RunSpec:
    """The spec of a run that works in ``folder``."""
    fields: dict[str, Any] = {
        "run_id": new_run_id(),
        "protocol": PROTOCOL_VERSION,
        "notebook": "notebook.ipynb",
        "source_digest": "",
        "working_directory": str(folder),
        "parameters": [],
        "kernel_name": "python3",
        "warm": True,
        "time_limit": None,
        "start_timeout": 60.0,
        "save_to": None,
        "user": "ada",
        "experiment": "tests",
        "created_at": 0,
        "environment_mode": "deny",
        "environment_allowed": [],
    }
    return RunSpec(**(fields | changes))


class ProcessChain:
    """An executor over ``home``, whose runs work in ``folder``."""

    def __init__(
        self, home: Path, folder: Path, kernel_specs: KernelSpecManager | None = None
    ) -> None:
        self.home = home
        self.folder = folder
        self.executor = LocalExecutor(home, kernel_specs)
        self.started: list[str] = []

    def start(self, *cells: str, secrets: Mapping[str, str] | None = None, **changes: Any) -> str:
        """Launch a run of a notebook with these cells; return its id."""
        spec = orders(self.folder, **changes)
        self.started.append(spec.run_id)
        self.executor.launch(spec, notebook(*cells), secrets or {})
        return spec.run_id

    def ended(self, run_id: str, seconds: float = 60.0) -> RunResult:
        """Wait for the result of a run."""
        return until(lambda: self.executor.result(run_id), "the result of the run", seconds)

    def executed(self, run_id: str) -> Any:
        """The executed notebook; reading it validates it."""
        return nbformat.read(self.executor.directory(run_id).executed, as_version=4)

    def states(self, run_id: str) -> list[str]:
        """What the executed notebook says of each cell."""
        return [cell.metadata.papermill.status for cell in self.executed(run_id).cells]

    def printed(self, run_id: str, cell: int = 0) -> str:
        """What a cell wrote to its standard output."""
        outputs = self.executed(run_id).cells[cell].outputs
        return "".join(output.text for output in outputs if output.output_type == "stream")

    def note(self, name: str) -> str:
        """Wait for a file that a cell writes into its folder, and return its text."""
        path = self.folder / name
        until(lambda: path.exists() and path.read_text().endswith("\n"), f"the file {name}")
        return path.read_text()

    def pids(self, name: str, count: int) -> list[int]:
        """Wait until so many process ids stand in a file of the folder, one a line."""
        path = self.folder / name

        def look() -> list[int] | None:
            lines = path.read_text().split() if path.exists() else []
            return [int(line) for line in lines] if len(lines) >= count else None

        return until(look, f"{count} process ids in {name}")

    def reaper(self, run_id: str) -> int:
        """Process id of the run's reaper."""
        identity = self.executor.directory(run_id).read_reaper()
        assert identity is not None
        return identity.pid

    def worker(self, run_id: str) -> int:
        """Process id of the run's worker: the one child of its reaper in the same session."""
        reaper = self.reaper(run_id)

        def look() -> list[int]:
            children = [child.pid for child in psutil.Process(reaper).children()]
            return [pid for pid in children if os.getsid(pid) == reaper]

        return until(look, "the worker")[0]

    def left(self, run_id: str, pids: list[int]) -> list[int]:
        """Those of ``pids`` and of the run's processes that live.

        The reaper does not count: it goes a moment after it has written the result.
        """
        found = alive([*pids, *(pid for pid, _ in carriers(run_id))])
        return [pid for pid in found if pid != self.reaper(run_id)]

    def close(self) -> None:
        """End what the test started, whatever became of it."""
        self.executor.close()
        for run_id in self.started:
            self.executor.sweep(run_id)
            self.executor.discard(run_id)


def alive(pids: list[int]) -> list[int]:
    """Those of ``pids`` that are processes, and no zombies."""
    found = []
    for pid in pids:
        try:
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
        except psutil.NoSuchProcess:
            continue
    return found
