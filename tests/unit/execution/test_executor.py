"""Which runs count as alive, where their processes can be seen and where they cannot."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from jupyter_mlops.kernel.spool_writer import SpoolWriter
from jupyter_mlops.kernel.values import json_bytes
from jupyter_mlops.process_identity import boot_id, process_started
from tests.process_chain import orders

NOBODY = 2**22 + 1
ELSEWHERE = "00000000-0000-0000-0000-000000000000:1"


def interactive(home: Path, **changes: Any) -> RunDirectory:
    """A run that code opened, as its first record tells."""
    run = RunDirectory(home, new_run_id())
    run.spool.mkdir(parents=True)
    fields = {
        "t": "run.open",
        "run_id": run.run_id,
        "protocol": 1,
        "experiment": "tests",
        "name": None,
        "source_type": "script",
        "source_path": None,
        "user": "ada",
        "pid": os.getpid(),
        "pid_started": process_started(os.getpid()),
        "boot_id": boot_id(),
        "ts": 1,
    }
    writer = SpoolWriter(run.spool)
    opening = {name: value for name, value in (fields | changes).items() if value != "left out"}
    assert writer.append(json_bytes(opening))
    writer.close()
    return run


def written_ago(run: RunDirectory, seconds: float) -> None:
    then = time.time() - seconds
    for path in (*run.spools(), run.spool):
        os.utime(path, (then, then))


@pytest.mark.parametrize("known", [boot_id(), "", "left out"])
def test_a_run_of_this_machine_lives_as_long_as_its_process(home: Path, known: str) -> None:
    executor = LocalExecutor(home)
    alive, dead = interactive(home, boot_id=known), interactive(home, boot_id=known, pid=NOBODY)
    written_ago(alive, 1e6)
    assert executor.is_alive(alive.run_id)
    assert not executor.is_alive(dead.run_id)


def test_a_run_of_another_container_lives_as_long_as_it_writes(home: Path) -> None:
    executor = LocalExecutor(home)
    # The number of its process is that of nobody here.
    run = interactive(home, boot_id=ELSEWHERE, pid=NOBODY)
    assert executor.is_alive(run.run_id)
    written_ago(run, 3000)
    assert executor.is_alive(run.run_id)
    written_ago(run, 4000)
    assert not executor.is_alive(run.run_id)


def test_a_process_here_is_not_mistaken_for_one_of_another_container(home: Path) -> None:
    run = interactive(home, boot_id=ELSEWHERE)
    written_ago(run, 4000)
    assert not LocalExecutor(home).is_alive(run.run_id)


@pytest.mark.parametrize(("age", "alive"), [(1, True), (-2, True), (-60, False), (60, False)])
def test_a_heartbeat_from_the_future_is_no_sign_of_life(
    home: Path, age: float, *, alive: bool
) -> None:
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    run.create(spec, b"{}")
    run.write_reaper(ReaperIdentity(pid=NOBODY, pid_started=1.0, boot_id=ELSEWHERE))
    run.beat()
    then = time.time() - age
    os.utime(run.heartbeat, (then, then))
    assert LocalExecutor(home).is_alive(run.run_id) is alive
