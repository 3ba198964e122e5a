"""The end of a run is recorded once and whole, wherever the process that records it is killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_spec import RunResult
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.spool import CellChanged, RunStarted
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.execution.spool_writer import SpoolWriter as WorkerSpool
from jupyter_mlops.store import events, experiments, runs
from jupyter_mlops.store.database import Database
from tests.process_chain import orders
from tests.spool_files import Records
from tests.workspace import Workspace, until

TAKEN = "copy.ipynb"
COPY = "copy-2.ipynb"


def ended_run(home: Path, folder: Path) -> str:
    """Make a home with one run whose processes have gone and of which nothing is recorded yet."""
    (folder / TAKEN).write_text("mine")
    spec = orders(folder, save_to=str(folder / TAKEN), save_to_numbered=True)
    directory = RunDirectory(home, spec.run_id)
    directory.create(spec, b"{}")
    worker = WorkerSpool(directory.spool)
    worker.write(RunStarted(cells_total=1, ts=1_000))
    worker.write(
        CellChanged(
            index=0,
            cell_id="a",
            state=CellState.RUNNING,
            duration_ms=None,
            error_name=None,
            error_value=None,
            ts=1_000,
        )
    )
    worker.close()
    records = Records(directory)
    for step in range(3):
        records.write("metrics", m={"loss": step}, s=None)
    records.stage("notes.txt", b"notes")
    nbformat.write(new_notebook(cells=[new_code_cell("1", id="a")]), directory.executed)
    directory.log.write_bytes(b"said\n")
    directory.write_result(
        RunResult(
            run_id=spec.run_id,
            protocol=1,
            status=RunStatus.FAILED,
            reason=Reason.KERNEL_DIED,
            message="It died.",
            ended_at=9_000,
            duration_ms=8_000,
            cpu_seconds=1.0,
            peak_memory_bytes=1,
            failing_cell=0,
            secrets_masked=0,
        )
    )
    database = Database.open(home / "store.db")
    with database.write() as connection:
        experiment, _ = experiments.ensure(connection, "tests", 1)
        runs.insert(
            connection,
            runs.NewRunRow(
                run_id=spec.run_id,
                experiment_id=experiment,
                name="ended",
                source_type="notebook",
                notebook=spec.notebook,
                user="ada",
                kernel_name=spec.kernel_name,
                time_limit=None,
                save_to=TAKEN,
                rerun_of=None,
                source_digest=spec.source_digest,
                created_at=1,
                status=RunStatus.SCHEDULED,
                spec=msgspec.json.encode(spec),
            ),
        )
        runs.start(connection, spec.run_id, 1_000)
        events.append(connection, EventType.RUN_STARTED, spec.run_id, "ada")
    database.close()
    return spec.run_id


def record(home: Path, folder: Path, run_id: str) -> dict[str, Any]:
    """Let a server do what is left, and return all that it then tells of the run."""
    workspace = Workspace(folder, start=False)
    workspace.home = home
    workspace.open_core()
    try:
        workspace.ended(run_id)
        directory = home / "runs" / run_id
        until(lambda: not directory.exists(), "the run directory to go")
        log = workspace.events()
        return {
            "run": workspace.run(run_id),
            "cells": workspace.ask("GET", f"runs/{run_id}/cells"),
            "artifacts": workspace.artifacts(run_id),
            "executed": workspace.executed(run_id),
            "log": workspace.ask("GET", f"runs/{run_id}/log").text,
            "events": [event.type for event in log],
            "copy": (folder / COPY).read_bytes(),
            "taken": (folder / TAKEN).read_text(),
            "files": sorted(path.name for path in folder.iterdir()),
        }
    finally:
        workspace.close()


def test_a_server_killed_while_it_ends_a_run_leaves_the_rest_to_the_next(tmp_path: Path) -> None:
    folder, template, steps = tmp_path / "folder", tmp_path / "template", tmp_path / "steps"
    folder.mkdir()
    run_id = ended_run(template, folder)
    command = [sys.executable, "-m", "tests.faults.conclusion_steps", str(template), str(steps)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])
    homes = sorted(steps.iterdir(), key=lambda home: int(home.name))
    assert len(homes) > 20
    (folder / COPY).unlink()
    untouched = tmp_path / "untouched"
    shutil.copytree(template, untouched)
    expected = record(untouched, folder, run_id)
    assert expected["run"].reason is Reason.KERNEL_DIED
    assert (expected["run"].save_to, expected["taken"]) == (COPY, "mine")
    assert expected["events"].count(EventType.RUN_ENDED) == 1
    for home in homes:
        assert record(home, folder, run_id) == expected, f"killed at step {home.name}"
