"""A reaper that was stopped lives and does nothing: its run ends in time all the same."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.bootstrap import Adapters
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.run_directory import ReaperIdentity
from tests.core_server import CoreServer
from tests.run_processes import processes_of, reaper_of
from tests.workspace import Workspace, until

SLEEP = "import time\ntime.sleep(120)"


class FreezingExecutor(LocalExecutor):
    """Stops each reaper at once, and keeps to itself for a while that there is one."""

    frozen = threading.Event()
    told = threading.Event()

    def launch(self, spec: RunSpec, *rest: Any) -> None:
        """Start a run and freeze its reaper; return when it may be known."""
        super().launch(spec, *rest)
        reaper = self.directory(spec.run_id).read_reaper()
        assert reaper is not None
        os.kill(reaper.pid, signal.SIGSTOP)
        self.frozen.set()
        self.told.wait(60)


@contextmanager
def frozen_at_the_start(folder: Path) -> Iterator[Workspace]:
    made = Workspace(folder, adapters=Adapters(executor=FreezingExecutor))
    try:
        yield made
    finally:
        FreezingExecutor.told.set()
        made.close()


def test_a_run_whose_reaper_hangs_is_ended_when_it_was_cancelled_or_its_time_is_over(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    workspace.open_core()
    cancelled = workspace.submit(path).run_id
    limited = workspace.submit(path, time_limit=8.0).run_id
    for run_id in (cancelled, limited):
        workspace.running(run_id)
        os.kill(reaper_of(workspace, run_id), signal.SIGSTOP)
    workspace.cancel(cancelled)
    run = workspace.ended(cancelled)
    assert (run.status, run.reason) == (RunStatus.KILLED, Reason.CANCELLED)
    assert run.message == (
        "The run was cancelled; the process that supervised it did not react and was killed."
    )
    run = workspace.ended(limited)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.TIME_LIMIT)
    assert "did not react" in (run.message or "")
    assert processes_of(cancelled) + processes_of(limited) == []


def test_a_run_cancelled_before_its_start_was_recorded_is_swept_though_its_reaper_hangs(
    tmp_path: Path,
) -> None:
    with frozen_at_the_start(tmp_path) as workspace:
        run_id = workspace.submit(workspace.notebook("sleep.ipynb", SLEEP)).run_id
        assert FreezingExecutor.frozen.wait(60)
        assert workspace.run(run_id).status is RunStatus.SCHEDULED
        run = workspace.cancel(run_id)
        assert (run.status, run.reason) == (RunStatus.KILLED, Reason.CANCELLED)
        assert processes_of(run_id)
        FreezingExecutor.told.set()
        until(lambda: processes_of(run_id) == [], "the processes to go")
        until(lambda: not (workspace.home / "runs" / run_id).exists(), "the directory to go")
        assert workspace.run(run_id).message == "Cancelled before it started."


def test_the_time_limit_counts_from_the_start_of_the_run_and_not_from_that_of_the_server(
    workspace: Workspace,
) -> None:
    path = workspace.notebook("sleep.ipynb", SLEEP)
    with CoreServer(workspace.root, workspace.home) as server:
        run_id = server.submit(notebook=path, time_limit=300.0)
        pid = reaper_of(workspace, run_id)
        until(lambda: len(processes_of(run_id)) > 1, "the worker")
        os.kill(pid, signal.SIGSTOP)
        server.kill()
    # As ten minutes later: the limit, and what a reaper may take beyond it, are long over.
    file = workspace.home / "runs" / run_id / "reaper.json"
    reaper = msgspec.json.decode(file.read_bytes(), type=ReaperIdentity)
    assert reaper.begun is not None
    earlier = msgspec.structs.replace(reaper, begun=reaper.begun - 600)
    file.write_bytes(msgspec.json.encode(earlier))
    workspace.open_core()
    run = workspace.ended(run_id, seconds=30)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.TIME_LIMIT)
    assert "did not react" in (run.message or "")
    assert processes_of(run_id) == []
