"""A run whose disk fills up and stays full: ``python -m tests.faults.process_chain_full_disk MOUNT``.

It is started in a mount namespace of its own, so that it may mount a tmpfs that nobody else sees.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.full_disk import mount
from tests.faults.full_disk_run import fill
from tests.process_chain import ProcessChain


def main(disk: Path, folder: Path) -> None:
    """Print how the run ended."""
    mount(disk, 16)
    chain = ProcessChain(disk / "home", folder)
    run_id = chain.start(
        "import time, pathlib\nwhile not pathlib.Path('go').exists(): time.sleep(0.02)"
    )
    chain.worker(run_id)
    fill(disk)
    (folder / "go").touch()
    result = chain.ended(run_id)
    sys.stdout.write(f"{result.status.value} {result.message}\n")
    chain.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
