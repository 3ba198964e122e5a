"""An upload that the disk has no room for is refused as such, and the next one is kept (row D4)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_an_upload_that_does_not_fit_on_the_disk_leaves_nothing_and_the_next_one_is_kept(
    tmp_path: Path,
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    # Root needs only a namespace of its own for the mount; others become root in one.
    isolate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "-r", "--mount"]
    done = subprocess.run(
        [*isolate, sys.executable, "-m", "tests.faults.full_disk_upload", str(disk)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "before 200",
        *["full 507 INVALID_STATE", "room is back True"] * 3,
        "listed ['first.bin']",
        "readable True",
        "half-written 0",
        "after 200",
        "whole True",
        "at fault False",
    ]
