"""The owner's side of a launcher: starting it, asking it, letting it go."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.execution.kernel_environment import launcher_environment
from jupyter_mlops.execution.launch_request import FOLDER_PREFIX, LaunchReply, LaunchRequest
from jupyter_mlops.execution.socket_folder import place_for

if TYPE_CHECKING:
    from collections.abc import Sequence

# The first request may have to wait until the launcher has imported everything.
_PATIENCE_SECONDS = 120.0
_SOCKET = "socket"


def _installed() -> list[Path]:
    """Return the folders into which packages are installed."""
    return [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]


class LauncherClient:
    """Owns at most one launcher process; all methods may be called from any thread.

    What it imported is what warm kernels run with. So it is replaced once packages were
    installed or removed, which changes one of the folders ``watched``.
    """

    def __init__(self, watched: Sequence[Path] | None = None) -> None:
        self._watched = _installed() if watched is None else watched
        self._seen: list[int] = []
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._closed = False

    def start(self) -> None:
        """Start the launcher unless it runs; it can be asked at once, and answers when ready.

        Raises Unavailable after ``close``, and when the system refuses what a process needs.
        """
        with self._lock:
            if self._closed:
                raise Unavailable("The server is stopping; the run cannot start.")
            times = self._times()
            if self._process is not None and self._process.poll() is None and times == self._seen:
                return
            self._forget()
            self._seen = times
            try:
                self._start(_new_folder())
            except OSError as error:
                self._forget()
                raise Unavailable(
                    f"The process that starts runs cannot be started: {error.strerror or error}."
                ) from error

    def _start(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket(socket.AF_UNIX) as listener, _log(folder).open("wb") as log:
            listener.bind(str(folder / _SOCKET))
            listener.listen(128)
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_mlops.execution.launcher",
                    str(listener.fileno()),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[listener.fileno()],
                env=launcher_environment(os.environ),
                # An empty folder of ours: what lies in the server's must not shadow a module.
                cwd=folder,
                start_new_session=True,
            )

    def _times(self) -> list[int]:
        times = []
        for folder in self._watched:
            with suppress(OSError):
                times.append(folder.stat().st_mtime_ns)
        return times

    def ask(self, request: LaunchRequest) -> None:
        """Have a run started; returns when its reaper supervises it. Raises Unavailable."""
        line = msgspec.json.encode(request) + b"\n"
        for last in (False, True):
            self.start()
            try:
                reply = self._exchange(line)
            except OSError as error:
                if last:
                    raise Unavailable(
                        f"The launcher of runs does not answer. {self._last_words()}".strip()
                    ) from error
                with self._lock:
                    self._forget()
                continue
            if reply.error is not None:
                raise Unavailable(reply.error)
            return

    def _exchange(self, line: bytes) -> LaunchReply:
        folder = self._folder
        if folder is None:
            raise ConnectionError("the launcher was closed meanwhile")
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            connection.connect(str(folder / _SOCKET))
            connection.sendall(line)
            answer = bytearray()
            while not answer.endswith(b"\n"):
                data = connection.recv(4096)
                if not data:
                    raise ConnectionError("the launcher ended")
                answer += data
        return msgspec.json.decode(answer, type=LaunchReply)

    def _last_words(self) -> str:
        if self._folder is None:
            return ""
        with suppress(OSError):
            lines = _log(self._folder).read_text(errors="replace").strip().splitlines()
            return lines[-1][:300] if lines else ""
        return ""

    @property
    def pid(self) -> int | None:
        """Process id of the launcher, None when there is none."""
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def close(self) -> None:
        """Let the launcher go for good; the runs that it started live on."""
        with self._lock:
            self._closed = True
            self._forget()

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    """Make an empty folder of ours in which there is room for the path of a socket."""
    # mkdtemp ends the name with eight characters.
    place = place_for(f"{FOLDER_PREFIX}{8 * 'x'}/{_SOCKET}")
    if place is None:
        raise Unavailable(
            "Runs cannot be started: there is no folder for their sockets. Set TMPDIR to a folder "
            "with a short name that only you can write to."
        )
    return Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=place))


def _log(folder: Path) -> Path:
    return folder / "launcher.log"
