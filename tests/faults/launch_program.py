"""A server that is killed when it has launched a run and not recorded it: `python -m …`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from jupyter_mlops.bootstrap import compose
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.runs import NewRun
from jupyter_mlops.services.launches import Launches
from jupyter_mlops.settings import Settings


def die(_launches: Launches, _run_id: str) -> None:
    """End this process without a word."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(root: str, home: str, notebook: str) -> None:
    """Queue a run with a secret, and be killed when it has a reaper."""
    Launches.note_started = die  # type: ignore[method-assign]
    core = Core(Settings(root=Path(root), home=Path(home)), compose)
    core.start()
    core.check()
    new = NewRun(notebook=notebook, parameters={"token": "canary-1234567890"})
    core.services.runs.submit(owner("ada"), new, None)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
