"""Uploads to a server whose disk fills up: ``python -m tests.faults.full_disk_upload MOUNT``.

It is started in a mount namespace of its own, so that it may mount a tmpfs that nobody else sees.
The home lies on that disk; it prints what became of each upload.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.full_disk import fill, mount
from tests.jupyter_host import JupyterHost
from tests.mlflow_door import MlflowDoor, check_refusal

MIB = 2**20
DATA = bytes(range(256)) * 4_096 * 8
ROOM = 3 * MIB


def say(what: str, told: Any) -> None:
    """Print one line of what happened."""
    sys.stdout.write(f"{what} {told}\n")
    sys.stdout.flush()


def free_again(disk: Path, room: int) -> bool:
    """Tell whether what was half-written has gone soon; the answer may come a little earlier."""
    deadline = time.monotonic() + 10
    while shutil.disk_usage(disk).free < room:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def main(disk: Path) -> None:
    """Fill the disk, upload, make room, upload again."""
    mount(disk, 128)
    with JupyterHost(disk).wait() as host:
        door = MlflowDoor(host)
        run_id = door.new_run()
        say("before", door.file("PUT", run_id, "first.bin", DATA).status)
        filler = fill(disk, ROOM)
        room = shutil.disk_usage(disk).free
        for _ in range(3):
            answer = door.file("PUT", run_id, "big.bin", DATA)
            say("full", f"{answer.status} {check_refusal(answer, 507)['error_code']}")
            say("room is back", free_again(disk, room - MIB))
        say("listed", [each["path"] for each in door.listed(run_id)])
        say("readable", door.file("GET", run_id, "first.bin").body == DATA)
        say("half-written", len(list((host.home / "tmp").glob("blob-*"))))
        filler.unlink()
        say("after", door.file("PUT", run_id, "big.bin", DATA[::-1]).status)
        say("whole", door.file("GET", run_id, "big.bin").body == DATA[::-1])
        say("at fault", "failed with" in host.log or str(disk) in answer.body.decode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
