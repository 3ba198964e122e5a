"""A run on a disk that fills up: ``python -m tests.faults.full_disk_run MOUNT``.

It is started in a mount namespace of its own, so that it may mount a tmpfs that nobody else sees.
Root and home lie on that disk; it prints what became of the run.
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path

from jupyter_mlops.domain.errors import DiskFull
from jupyter_mlops.domain.runs import TERMINAL, RunStatus
from tests.faults.full_disk import mount
from tests.workspace import Workspace

COUNT = """
from jupyter_mlops import log_metric
import time
for step in range(100):
    log_metric("loss", float(step), step=step)
    time.sleep(0.03)
"""


def fill(folder: Path) -> Path:
    """Write until there is no room, beside others who write too; return the file that takes it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1 << 16))
    return filler


def main(folder: Path) -> None:
    """Fill the disk while a run is on, look around, make room, and see the run end."""
    mount(folder, 96)
    workspace = Workspace(folder)
    path = workspace.notebook("count.ipynb", COUNT)
    run_id = workspace.submit(path).run_id
    workspace.running(run_id)
    filler = fill(folder)
    try:
        workspace.submit(path)
    except DiskFull:
        sys.stdout.write("refused\n")
    time.sleep(4.0)
    during = workspace.run(run_id)
    sys.stdout.write(f"readable {during.run_id == run_id}\n")
    filler.unlink()
    run = workspace.ended(run_id)
    sys.stdout.write(f"ended {run.status in TERMINAL}\n")
    after = workspace.ended(workspace.submit(path).run_id)
    history = workspace.ask("GET", f"runs/{after.run_id}/metrics", key="loss")
    sys.stdout.write(f"next {after.status is RunStatus.FINISHED} {len(history.steps)}\n")
    workspace.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
