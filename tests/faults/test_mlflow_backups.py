"""A backup made while MLflow's clients write holds all that they were told before it (row D8)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_mlops.services.backups import BackupService
from tests.faults.mlflow_program import replay
from tests.local_mlflow import LocalMlflow
from tests.workspace import until

ROOT = Path(__file__).resolve().parents[2]


def holds(home: Path, output: bytes) -> bool:
    """Tell whether a store is as it was when the client had been told exactly this."""
    client = replay(output)
    door = LocalMlflow(home, network=False)
    try:
        client.check_all(door.ask)
    except AssertionError:
        return False
    finally:
        door.close()
    return True


def told_by(printed: Path, least: int) -> int:
    """Wait until the client was told so much at least; return how much it was told by now."""
    until(lambda: printed.read_bytes().count(b"\n") >= least, "the client to be told more")
    return printed.read_bytes().count(b"\n")


def backups_under_load(home: Path, count: int, chance: random.Random) -> None:
    """Back up while another process writes, kill that, and restore each backup."""
    command = [sys.executable, "-m", "tests.faults.mlflow_program", str(home), "--local", "1000"]
    printed = home.parent / "printed"
    with printed.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output)
    service, made, told = BackupService(home), [], 0
    for place in range(count):
        told = told_by(printed, told + chance.randrange(5, 30))
        backup = service.make(home.parent / f"{place}.db").path
        made.append((backup, told, told_by(printed, 0)))
    told_by(printed, told + 30)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    lines = printed.read_bytes().splitlines(keepends=True)
    for backup, before, after in made:
        service.restore(service.plan(backup))
        # What was acknowledged before it, and maybe some of what came while it was made.
        states = (b"".join(lines[:number]) for number in range(before, after + 1))
        assert any(holds(home, state) for state in states), (backup, before, after)


def test_a_backup_under_load_restores_to_all_that_mlflows_clients_were_told(home: Path) -> None:
    backups_under_load(home, 3, random.Random(8))  # noqa: S311


@pytest.mark.long
@pytest.mark.timeout(0)
def test_fifty_backups_under_load_restore_to_all_that_mlflows_clients_were_told(
    home: Path,
) -> None:
    backups_under_load(home, 50, random.Random(80))  # noqa: S311
