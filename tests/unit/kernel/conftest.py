"""Scripts in processes of their own: what a kernel writes is judged by the reader of the server."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from jupyter_mlops.domain import spool
from jupyter_mlops.execution.spool import read_records

RUN_ID = "0123456789abcdef" * 2
NEVER_INHERITED = ("JMLOPS_RUN_DIR", "JMLOPS_RUN_ID", "JMLOPS_HOME", "JPY_PARENT_PID")


class Notebook:
    """A home and a batch run in it, with ways to run code there and to read its spools."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.run = home / "runs" / RUN_ID
        for name in ("spool", "staged"):
            (self.run / name).mkdir(parents=True)

    def environment(self, *, batch: bool, **more: str) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if k not in NEVER_INHERITED}
        run = {"JMLOPS_RUN_DIR": str(self.run), "JMLOPS_RUN_ID": RUN_ID} if batch else {}
        return {**clean, "JMLOPS_HOME": str(self.home), **run, **more}

    def start(self, code: str, *, batch: bool = True, **more: str) -> subprocess.Popen[str]:
        program = self.home / "program.py"
        program.write_text(textwrap.dedent(code))
        return subprocess.Popen(
            [sys.executable, str(program)],
            env=self.environment(batch=batch, **more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def execute(self, code: str, *, batch: bool = True, **more: str) -> Ended:
        process = self.start(code, batch=batch, **more)
        try:
            output, errors = process.communicate(timeout=60)
        finally:
            process.kill()
        return Ended(process.returncode, output, errors)

    def own_runs(self) -> list[Path]:
        """Return the directories of the runs that code opened for itself."""
        return [path for path in (self.home / "runs").iterdir() if path != self.run]

    def spools(self, run: Path | None = None) -> list[Path]:
        return sorted(((run or self.run) / "spool").iterdir())

    def records(self, run: Path | None = None) -> list[spool.Record]:
        found = []
        for path in self.spools(run):
            records, damaged = read_whole(path)
            assert damaged == 0
            found += records
        return found

    def values(self, key: str) -> list[object]:
        """Return the values of a metric in the order of writing, spool by spool."""
        logged = [r for r in self.records() if isinstance(r, spool.MetricsLogged)]
        return [record.m[key] for record in logged if key in record.m]


class Ended:
    def __init__(self, code: int, output: str, errors: str) -> None:
        self.code = code
        self.output = output
        self.errors = errors


def read_whole(path: Path) -> tuple[list[spool.Record], int]:
    """Return all records of one spool, and how many were damaged."""
    records: list[spool.Record] = []
    offset = damaged = 0
    while True:
        batch = read_records(path, offset)
        if batch.next_offset == offset:
            return records, damaged
        records += batch.records
        damaged += batch.damaged
        offset = batch.next_offset


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path)
