"""An import that the disk has no room for stops, leaves nothing out, and goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_an_import_that_fills_the_disk_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    # Root needs only a namespace of its own for the mount; others become root in one.
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    done = subprocess.run(
        [*isolate, sys.executable, "-m", "tests.faults.full_disk_transfer", str(disk)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "full 4",
        "complete False",
        "some True",
        "left out []",
        "goes on True",
        "room 0",
        "the rest 8",
        "whole 8",
        "different 8",
    ]
