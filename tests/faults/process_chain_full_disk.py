"""A run whose disk fills up and stays full: ``python -m tests.faults.process_chain_full_disk …``.

Its arguments are a folder to mount on, a folder to work in, and which process is killed then:
``worker``, ``reaper`` or ``none``. It is started in a mount namespace of its own, so that it may mount
a tmpfs that nobody else sees.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.faults.full_disk import mount
from tests.faults.full_disk_run import fill
from tests.process_chain import ProcessChain
from tests.workspace import until


def main(disk: Path, folder: Path, victim: str) -> None:
    """Print how the run ended."""
    mount(disk, 16)
    chain = ProcessChain(disk / "home", folder)
    run_id = chain.start(
        "import time, pathlib",
        "pathlib.Path('begun').touch()\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)",
        # Their reports need more than is left of the last page of the spool.
        *["pass"] * 60,
    )
    until((folder / "begun").exists, "the second cell to run")
    worker, reaper = chain.worker(run_id), chain.reaper(run_id)
    fill(disk)
    if victim == "reaper":
        os.kill(reaper, signal.SIGKILL)
        until(lambda: not chain.executor.is_alive(run_id), "the death of the reaper")
        chain.executor.sweep(run_id)
        sys.stdout.write(f"swept {chain.left(run_id, [worker])}\n")
    else:
        if victim == "worker":
            os.kill(worker, signal.SIGKILL)
        (folder / "go").touch()
        result = chain.ended(run_id)
        sys.stdout.write(f"{result.status.value} {result.failing_cell} {result.message}\n")
    chain.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
