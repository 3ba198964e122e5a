"""A program that restores a backup and dies before one of its steps on the disk.

``python -m tests.faults.restore_program HOME BACKUP N``: the N-th time that it is about to open,
make, rename, link or remove a file, it kills itself; with fewer steps than that, or N = 0, it ends well.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from jupyter_mlops.services.backups import BackupService

_STEPS = {"open", "os.link", "os.mkdir", "os.remove", "os.rename", "sqlite3.connect"}


def main() -> None:
    """Restore as far as asked."""
    home, backup, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    service = BackupService(home)
    plan = service.plan(backup)
    seen = 0

    def count(name: str, _: object) -> None:
        nonlocal seen
        if name in _STEPS:
            seen += 1
            if seen == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    service.restore(plan)


if __name__ == "__main__":
    main()
