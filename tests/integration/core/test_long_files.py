"""A file that takes long to store does not keep the dispatcher from what cannot wait."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import BinaryIO

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.boot import boot_id, process_started
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import spec_bytes
from jupyter_mlops.store import artifacts, experiments, runs
from jupyter_mlops.store.database import Database
from tests.process_chain import orders
from tests.spool_files import OpenedRun
from tests.workspace import until


class SlowDisk(ContentStore):
    """Takes as long over a file as it takes until a run is told that somebody cancelled it."""

    def __init__(self, home: Path, database: Database, cancelled: RunDirectory) -> None:
        super().__init__(home)
        self._database = database
        self._cancelled = cancelled

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        with self._database.write() as connection:
            runs.request_cancel(connection, self._cancelled.run_id)
        until(self._cancelled.cancel.exists, "the cancel to be passed on")
        return super().put_stream(source)


def running(home: Path, database: Database) -> RunDirectory:
    """Make a run that is under way, with this process for its reaper."""
    spec = orders(home)
    directory = RunDirectory(home, spec.run_id)
    directory.create(spec, b"{}")
    started = process_started(os.getpid())
    assert started is not None
    directory.write_reaper(ReaperIdentity(pid=os.getpid(), pid_started=started, boot_id=boot_id()))
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
    return directory


def test_a_cancel_is_passed_on_while_a_large_file_is_taken_in(home: Path) -> None:
    database = Database.open(home / "store.db")
    cancelled = running(home, database)
    large = OpenedRun(home)
    large.stage("model.bin", b"large")
    dispatcher = Dispatcher(
        database,
        SlowDisk(home, database, cancelled),
        LocalExecutor(home),
        SecretKeeper(),
        Origin(home_id=None, environment=sys.prefix),
        concurrency=1,
    )
    dispatcher.cycle()
    assert cancelled.cancel.exists()
    with database.read() as connection:
        assert [file.path for file in artifacts.for_run(connection, large.run_id)] == ["model.bin"]
    dispatcher.close()
    database.close()
