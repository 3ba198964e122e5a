"""MLflow's own server, for comparison: one worker, SQLite, files in a folder that it serves."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

START_SECONDS = 120.0


class MlflowServer:
    """Runs in ``folder`` with the Python of an environment that has mlflow in it."""

    def __init__(self, python: Path, folder: Path, *arguments: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{port}"
        self._netloc = f"127.0.0.1:{port}"
        self._log = (folder / "log").open("wb")
        store = ("--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}")
        files = ("--artifacts-destination", str(folder / "files"))
        self._process = subprocess.Popen(
            [
                *(python, "-m", "mlflow", "server", "--workers", "1", "--port", str(port)),
                *(arguments or (*store, *files)),
            ],
            cwd=folder,
            env=client_environment() | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def wait(self) -> MlflowServer:
        """Return once the server answers."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            connection = HTTPConnection(self._netloc, timeout=5)
            try:
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return self
            except OSError:
                time.sleep(0.2)
            finally:
                connection.close()
        raise AssertionError(Path(self._log.name).read_text())

    def stop(self) -> None:
        """End the server with its workers."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()


def client_environment() -> dict[str, str]:
    """Return an environment in which MLflow finds nothing but what it is told."""
    kept = {name: text for name, text in os.environ.items() if name[:2] not in ("ML", "PY", "JU")}
    return kept | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_PYTHON_REFRESH": "quiet",
        # Its file store still works when it is asked for twice.
        "MLFLOW_ALLOW_FILE_STORE": "true",
    }
