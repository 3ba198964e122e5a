"""Run directories as a script or notebook leaves them, written by hand."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.kernel.spool_writer import SpoolWriter
from jupyter_mlops.kernel.values import json_bytes
from jupyter_mlops.process_identity import boot_id, machine, process_started


class Records:
    """Writes to the spool of a run directory that is there, as code in a kernel does."""

    def __init__(self, directory: RunDirectory, writer: SpoolWriter | None = None) -> None:
        self.directory = directory
        self.writer = SpoolWriter(directory.spool) if writer is None else writer

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.directory.run_id

    def write(self, kind: str, **fields: Any) -> None:
        """Append a record."""
        assert self.writer.append(json_bytes({"t": kind, **fields, "ts": 2_000}))

    def stage(self, path: str, data: bytes) -> None:
        """Log an artifact."""
        name = os.urandom(16).hex()
        (self.directory.staged / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        self.write("artifact", path=path, file=name, size=len(data), sha256=digest)

    def close(self, status: str = "FINISHED") -> None:
        """Write the last record."""
        self.write("run.close", status=status, reason=None, message=None)
        self.writer.close()


class OpenedRun(Records):
    """A run that code opened: by this process, unless ``changes`` to the first record say otherwise."""

    def __init__(self, home: Path, **changes: Any) -> None:
        run_id = changes.get("run_id") or new_run_id()
        directory = RunDirectory(home, run_id)
        staging = home / "tmp" / f"run-{run_id}"
        for folder in ("spool", "staged"):
            (staging / folder).mkdir(parents=True)
        self.opening = json_bytes(
            {
                "t": "run.open",
                "run_id": run_id,
                "protocol": 1,
                "experiment": "tests",
                "name": "by hand",
                "source_type": "script",
                "source_path": None,
                "user": "ada",
                "pid": os.getpid(),
                "pid_started": process_started(os.getpid()),
                "boot_id": boot_id(),
                "machine": machine(),
                "ts": 1_000,
            }
            | changes
        )
        super().__init__(directory, SpoolWriter(staging / "spool"))
        assert self.writer.append(self.opening)
        directory.path.parent.mkdir(exist_ok=True)
        staging.rename(directory.path)
        self.writer.settle(directory.spool, self.opening)

    def written_ago(self, seconds: float) -> None:
        """Make the run look as if nothing was written for so long."""
        then = time.time() - seconds
        for path in (*self.directory.spools(), self.directory.spool):
            os.utime(path, (then, then))
