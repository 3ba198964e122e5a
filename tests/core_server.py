"""A server reduced to its core, as a process of its own that tests can kill: `python -m …`."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.bootstrap import compose
from jupyter_mlops.core import Core
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.runs import NewRun
from jupyter_mlops.settings import Settings


class CoreServer:
    """Starts the process over ``root`` and ``home``; a context manager that kills it at the end."""

    def __init__(
        self, root: Path, home: Path, *, python: str = sys.executable, concurrency: int = 2
    ) -> None:
        command = [python, "-m", "tests.core_server", str(root), str(home), str(concurrency)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def submit(self, **fields: Any) -> str:
        """Queue a run in that process and return its id."""
        return self._ask(msgspec.json.encode(fields))

    def dispatching(self) -> bool:
        """Ask that process whether it is the one that dispatches."""
        return self._ask(b"dispatching") == "True"

    @property
    def pid(self) -> int:
        """Id of the process."""
        return self._process.pid

    def _ask(self, line: bytes) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().decode().strip()

    def kill(self, signal_number: int = signal.SIGKILL) -> None:
        """Send a signal and wait for the end of the process."""
        self._process.send_signal(signal_number)
        self._process.wait(timeout=30)

    def __enter__(self) -> CoreServer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


def main(root: str, home: str, concurrency: str) -> None:
    """Open a core, say so, and queue one run for each line of JSON that arrives."""
    core = Core(Settings(root=Path(root), home=Path(home), concurrency=int(concurrency)), compose)
    core.start()
    core.check()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: (stop.set(), core.close(), sys.exit(0)))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    actor = owner("ada")
    for line in sys.stdin:
        if line == "dispatching\n":
            answer = str(core.services.status(actor).dispatching)
        else:
            new = msgspec.json.decode(line, type=NewRun)
            answer = core.services.runs.submit(actor, new, None).run_id
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
