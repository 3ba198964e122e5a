"""An import into a server whose disk fills up: ``python -m tests.faults.full_disk_transfer MOUNT``.

It is started in a mount namespace of its own, so that it may mount a tmpfs that nobody else sees.
The home lies on that disk, what is imported beside it; it prints what became of each attempt.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.faults.full_disk import fill, mount
from tests.file_store import FileStore
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, JupyterHost
from tests.tracking_snapshot import Reader, snapshot

MIB = 2**20
RUNS = 8
FILE_BYTES = 3 * MIB
# For some of the runs, and the store's own room.
ROOM = 14 * MIB


def say(what: str, told: Any) -> None:
    """Print one line of what happened."""
    sys.stdout.write(f"{what} {told}\n")
    sys.stdout.flush()


def attempt(host: JupyterHost, folder: Path) -> tuple[int, Any, str]:
    """Import; return exit code, report, and what was said."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "jupyter_mlops.cli", "import", "--from", str(folder), "--json"),
            *("--server", f"http://{host.netloc}{BASE_URL}", "--token", OWNER),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def main(disk: Path) -> None:
    """Fill the disk, import, make room, import again."""
    store = FileStore(disk.parent / "mlruns")
    experiment = store.experiment("large")
    for number in range(RUNS):
        data = bytes([number]) * FILE_BYTES
        store.run(experiment, f"run {number}", files={"data": data}, started_at=number)
    mount(disk, 128)
    with JupyterHost(disk).wait() as host:
        filler = fill(disk, ROOM)
        code, report, told = attempt(host, store.root)
        say("full", code)
        say("complete", report["complete"])
        say("some", 0 < report["carried"]["runs"] < RUNS)
        say("left out", report["not_carried"])
        say("goes on", "Repeat the command: it goes on where it was." in told)
        some = report["carried"]["runs"]
        filler.unlink()
        code, report, told = attempt(host, store.root)
        say("room", code)
        say("the rest", report["carried"]["runs"] + some)
        held = snapshot(Reader(f"http://{host.netloc}{BASE_URL}mlops", OWNER), "large")
        runs = held["experiments"]["large"]["runs"]
        say("whole", sum(set(run["files"]) == {"data"} for run in runs.values()))
        say("different", len({run["files"]["data"] for run in runs.values()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
