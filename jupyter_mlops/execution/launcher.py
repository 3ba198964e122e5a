"""The launcher: a small process, everything imported, that forks a reaper for each run.

Protocol: the owner starts ``python -m jupyter_mlops.execution.launcher FD`` where ``FD`` is a
listening unix socket, and keeps the other end of our standard input; when that closes we leave.
Each connection carries one LaunchRequest and one LaunchReply, a line each. It is read by the
child that it makes, so that no secret ever enters the memory that later runs inherit.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.execution.forked_process import fork, reset_signals
from jupyter_mlops.execution.launch_request import FOLDER_PREFIX, LaunchReply, LaunchRequest
from jupyter_mlops.execution.preload import Preloaded, preload
from jupyter_mlops.execution.process_tree import reap

if TYPE_CHECKING:
    from types import FrameType

_REQUEST_MAX_BYTES = 64 << 20
_REQUEST_PATIENCE_SECONDS = 30.0


class Launcher:
    """Serves one listening socket until the owner goes away."""

    def __init__(self, listener: socket.socket, preloaded: Preloaded) -> None:
        self._listener = listener
        self._preloaded = preloaded
        self._wakeup, self._woken = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(self._woken, False)

    def serve(self) -> None:
        """Fork a reaper for each connection, and collect those that ended."""
        signal.set_wakeup_fd(self._woken)
        signal.signal(signal.SIGCHLD, _only_wake)
        while True:
            ready, _, _ = select.select([0, self._wakeup, self._listener.fileno()], [], [])
            if self._wakeup in ready:
                with suppress(BlockingIOError):
                    os.read(self._wakeup, 4096)
                reap()
            if self._listener.fileno() in ready:
                connection, _ = self._listener.accept()
                with connection:
                    self._fork_reaper(connection)
            if 0 in ready and not os.read(0, 4096):
                return

    def _fork_reaper(self, connection: socket.socket) -> None:
        try:
            fork(lambda: self._be_reaper(connection))
        except OSError as error:
            _reply(connection, f"The run cannot start: {error.strerror}.")

    def _be_reaper(self, connection: socket.socket) -> int:
        # Imported with everything else by `preload`; importing it above would spoil the order.
        from jupyter_mlops.execution.reaper import Reaper  # noqa: PLC0415

        reset_signals()
        os.close(self._wakeup)
        os.close(self._woken)
        self._listener.close()
        connection.settimeout(_REQUEST_PATIENCE_SECONDS)
        request = _receive(connection)
        try:
            reaper = Reaper(request, self._preloaded.kernel_modules)
            claimed = reaper.claim()
        except (OSError, msgspec.DecodeError, RuntimeError, MlopsError) as failure:
            _reply(connection, f"The run cannot start: {_in_words(failure)}")
            return 1
        _reply(connection, None)
        connection.close()
        return reaper.supervise() if claimed else 0


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """Let the signal be written to the wake-up pipe, and do nothing else."""


def _receive(connection: socket.socket) -> LaunchRequest:
    line = bytearray()
    while not line.endswith(b"\n"):
        data = connection.recv(65536)
        if not data or len(line) > _REQUEST_MAX_BYTES:
            raise ConnectionError("the request ended early")
        line += data
    return msgspec.json.decode(line, type=LaunchRequest)


def _in_words(failure: Exception) -> str:
    """Say what happened without what the error quotes: a path, or a part of the request."""
    if isinstance(failure, MlopsError):
        return failure.message
    if isinstance(failure, OSError) and failure.strerror is not None:
        return f"{failure.strerror}."
    return f"its orders could not be read ({type(failure).__name__})."


def _reply(connection: socket.socket, error: str | None) -> None:
    # The one who asked may be gone; the run starts all the same, as its directory says.
    with suppress(OSError):
        connection.sendall(msgspec.json.encode(LaunchReply(error=error)) + b"\n")


def main() -> int:
    """Run the launcher on the listening socket whose descriptor is the first argument."""
    # We were started in an empty folder, which must not become a place to import from.
    folder = Path.cwd()
    sys.path[:] = [entry for entry in sys.path if entry and Path(entry) != folder]
    gc.disable()
    preloaded = preload()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        Launcher(listener, preloaded).serve()
    # Only the folder that our owner made for us: this program may be started by hand anywhere.
    if folder.name.startswith(FOLDER_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
