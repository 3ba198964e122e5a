"""A full disk refuses the change that does not fit and harms nothing else (row D4)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def on_a_small_disk(folder: Path, what: str, *arguments: int) -> list[int]:
    """Run the program where it may mount a disk, and return the numbers that it printed."""
    folder.mkdir()
    # Root needs only a namespace of its own for the mount; others become root in one.
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    program = [sys.executable, "-m", "tests.faults.full_disk", what, str(folder)]
    done = subprocess.run(
        [*isolate, *program, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_wherever_the_disk_fills_up_nothing_is_half_done(tmp_path: Path) -> None:
    refused = on_a_small_disk(tmp_path / "disk", "points", 8, 0, 40_000, 9)
    assert min(refused) >= 1


def test_the_reserve_lets_a_full_store_be_cleaned_up(tmp_path: Path) -> None:
    on_a_small_disk(tmp_path / "disk", "reserve")


def test_a_full_disk_lets_runs_be_deleted_for_good(tmp_path: Path) -> None:
    on_a_small_disk(tmp_path / "disk", "empty")


@pytest.mark.long
@pytest.mark.timeout(0)
@pytest.mark.parametrize("megabytes", [8, 32])
def test_at_every_step_a_full_disk_harms_nothing(tmp_path: Path, megabytes: int) -> None:
    refused = on_a_small_disk(tmp_path / "disk", "points", megabytes, 0, 1_500, 300)
    assert min(refused) >= 1
