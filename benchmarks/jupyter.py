"""A real Jupyter server as a process, with chosen extensions and data folders of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.disk import folder_on_disk

READY_SECONDS = 180.0


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class JupyterServer:
    """Starts `jupyter lab` without a browser, by ``python``; a context manager that ends it."""

    def __init__(
        self,
        root: Path,
        extensions: dict[str, bool],
        python: str = sys.executable,
        *,
        fill: Callable[[Path], None] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """``fill`` may put something into the home of our extension before the server starts.

        ``options`` are added to the command.
        """
        self._data = folder_on_disk()
        self.home = Path(self._data.name) / "data" / "mlops"
        if fill is not None:
            fill(self.home)
        self.token = secrets.token_hex(16)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(python, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            f"--port={port}",
            f"--ServerApp.root_dir={root}",
            f"--IdentityProvider.token={self.token}",
            "--log-level=ERROR",
            *options,
        ]
        config = Path(self._data.name) / "config"
        config.mkdir()
        settings = {"ServerApp": {"jpserver_extensions": extensions}}
        (config / "jupyter_server_config.json").write_text(json.dumps(settings))
        environment = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": f"{self._data.name}/data",
            "JUPYTER_RUNTIME_DIR": f"{self._data.name}/runtime",
        }
        started = time.perf_counter()
        self._process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        self._wait()
        self.seconds_to_status = time.perf_counter() - started

    @property
    def pid(self) -> int:
        """The server's process."""
        return self._process.pid

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                self.ask("GET", "api/status")
            except OSError:
                time.sleep(0.01)
            else:
                return
        raise RuntimeError("the Jupyter server did not start")

    def wait_for_store(self) -> None:
        """Return once our extension is ready: the server answers before its store is open."""
        while self.ask("GET", "mlops/api/status")["state"] != "ready":
            time.sleep(0.01)

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON answer to one request."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback address
            f"{self.url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return json.loads(answer.read())

    def __enter__(self) -> JupyterServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server and remove its folders."""
        self._process.terminate()
        self._process.wait(timeout=30)
        self._data.cleanup()
