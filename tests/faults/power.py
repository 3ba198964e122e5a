"""Running a program on a CrashFS that loses power, and what is on the disk afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MOUNT_SECONDS = 90


@dataclass(frozen=True)
class Disk:
    """A mounted CrashFS: ``mount`` while there is power, ``saved`` afterwards."""

    mount: Path
    saved: Path

    def cut(self) -> None:
        """Lose power now, unless it is lost already."""
        try:
            (self.mount / ".cut").mkdir()
        except OSError:
            assert (self.saved / ".done").exists()

    def calls(self) -> dict[str, int]:
        """Return how many calls of each kind that can fail there were so far."""
        (self.mount / ".count").mkdir()
        (self.mount / ".count").rmdir()
        return dict(json.loads((self.saved / ".counts").read_text()))

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """Run a module until it ends, if need be because its disk is gone."""
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=100)


@contextmanager
def crashing_disk(folder: Path, *options: str) -> Iterator[Disk]:
    """Mount a CrashFS with options such as ``--cut=N`` and unmount it in the end."""
    disk = Disk(folder / "mount", folder / "saved")
    disk.mount.mkdir(parents=True)
    disk.saved.mkdir()
    command = [sys.executable, "-m", "tests.faults.crashfs", str(disk.mount), str(disk.saved)]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + MOUNT_SECONDS
        while not disk.mount.is_mount():
            if process.poll() is not None or time.monotonic() > deadline:
                assert process.stderr is not None
                process.kill()
                raise AssertionError(
                    "CrashFS needs /dev/fuse and Debian's package fuse3: "
                    + process.stderr.read().decode()
                )
            time.sleep(0.02)
        yield disk
    finally:
        _unmount(disk.mount, process)


def _unmount(mount: Path, process: subprocess.Popen[bytes]) -> None:
    # Lazily: a program may have files open there still. It fails when nothing was mounted.
    subprocess.run(["fusermount3", "-u", "-z", str(mount)], check=False, capture_output=True)
    process.kill()
    process.wait()
    if process.stderr is not None:
        process.stderr.close()
