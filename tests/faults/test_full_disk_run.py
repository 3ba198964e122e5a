"""A run whose disk fills up: refused or ended with a reason, and the next one works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_disk_that_fills_up_under_a_run_harms_only_what_needed_the_room(tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    # Root needs only a namespace of its own for the mount; others become root in one.
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    done = subprocess.run(
        [*isolate, sys.executable, "-m", "tests.faults.full_disk_run", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["refused", "readable True", "ended True", "next True 100"]
