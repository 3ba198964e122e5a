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


def backups_under_load(home: Path, count: int, chance: random.Random) -> None:
    """Back up while another process writes, kill that, and restore each backup."""
    command = [sys.executable, "-m", "tests.faults.mlflow_program", str(home), "--local", "1000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    service, output, made = BackupService(home), b"", []
    with process.stdout as printed:
        for place in range(count):
            output += b"".join(printed.readline() for _ in range(chance.randrange(5, 30)))
            made.append((service.make(home.parent / f"{place}.db").path, output.count(b"\n")))
        os.kill(process.pid, signal.SIGKILL)
        output += printed.read()
    process.wait()
    lines = output.splitlines(keepends=True)
    for backup, told in made:
        service.restore(service.plan(backup))
        # What was acknowledged before it, and maybe some of what came while it was made.
        assert any(
            holds(home, b"".join(lines[:number])) for number in range(told, len(lines) + 1)
        ), (backup, told)


def test_a_backup_under_load_restores_to_all_that_mlflows_clients_were_told(home: Path) -> None:
    backups_under_load(home, 3, random.Random(8))  # noqa: S311


@pytest.mark.long
@pytest.mark.timeout(0)
def test_fifty_backups_under_load_restore_to_all_that_mlflows_clients_were_told(
    home: Path,
) -> None:
    backups_under_load(home, 50, random.Random(80))  # noqa: S311
