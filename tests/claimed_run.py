"""Runs under way as a dispatcher finds them: a directory with a living reaper, a row if wanted."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from jupyter_mlops.process_identity import boot_id, process_started
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import spec_bytes
from jupyter_mlops.store import experiments, runs
from jupyter_mlops.store.database import Database
from tests.process_chain import orders


def claimed(home: Path, pid: int | None = None, **changes: Any) -> RunDirectory:
    """Make the directory of a run; its reaper is the process ``pid``, or this one."""
    spec = orders(home, **changes)
    directory = RunDirectory(home, spec.run_id)
    directory.create(spec, b"{}")
    pid = os.getpid() if pid is None else pid
    started = process_started(pid)
    assert started is not None
    directory.write_reaper(ReaperIdentity(pid=pid, pid_started=started, boot_id=boot_id()))
    return directory


def record(database: Database, directory: RunDirectory) -> None:
    """Let the store know the run, as one that is under way."""
    spec = directory.read_spec()
    with database.write() as connection:
        experiment, _ = experiments.ensure(connection, "tests", 1)
        row = runs.NewRunRow(
            run_id=spec.run_id,
            experiment_id=experiment,
            name="under way",
            source_type="notebook",
            notebook=spec.notebook,
            user="ada",
            kernel_name=spec.kernel_name,
            time_limit=None,
            save_to=None,
            rerun_of=None,
            source_digest=None,
            created_at=1,
            status=RunStatus.SCHEDULED,
            spec=spec_bytes(spec),
        )
        runs.insert(connection, row)
        runs.start(connection, spec.run_id, 1)


def dispatcher(home: Path, database: Database, content: ContentStore | None = None) -> Dispatcher:
    """Make a dispatcher whose rounds the test does itself."""
    return Dispatcher(
        database,
        ContentStore(home) if content is None else content,
        LocalExecutor(home),
        SecretKeeper(),
        KernelTokenService(database),
        Origin(home_id=None, environment=sys.prefix),
        concurrency=1,
    )
