"""A real Jupyter server with the extension, in a process of its own, for tests over HTTP."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.identities import OWNER

ROOT = Path(__file__).resolve().parents[1]
BASE_URL = "/a%40b/"
START_SECONDS = 60
STOP_SECONDS = 30
_OTHER_EXTENSIONS = (
    "jupyter_lsp",
    "jupyter_scheduler",
    "jupyter_server_fileid",
    "jupyter_server_terminals",
    "jupyterlab",
    "notebook",
    "notebook_shim",
)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class JupyterHost:
    """A server over ``folder``: ``root`` is served, ``home`` is the product's, ``log`` its output.

    ``config`` is added to the configuration file, ``environ`` to the environment; ``port`` is that of
    a server before it, if any.
    """

    def __init__(
        self,
        folder: Path,
        *,
        config: str = "",
        environ: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.root, self.home, self.log_path = folder / "root", folder / "home", folder / "log.txt"
        self.root.mkdir(parents=True, exist_ok=True)
        self.port = _free_port() if port is None else port
        self.netloc = f"127.0.0.1:{self.port}"
        config_dir = folder / "config"
        config_dir.mkdir(exist_ok=True)
        extensions = dict.fromkeys(_OTHER_EXTENSIONS, False) | {"jupyter_mlops": True}
        (config_dir / "jupyter_server_config.py").write_text(
            f"c.ServerApp.base_url = {BASE_URL!r}\n"
            f"c.ServerApp.root_dir = {str(self.root)!r}\n"
            f"c.ServerApp.port = {self.port}\n"
            "c.ServerApp.port_retries = 0\n"
            "c.ServerApp.ip = '127.0.0.1'\n"
            "c.ServerApp.open_browser = False\n"
            "c.ServerApp.allow_root = True\n"
            "c.ServerApp.allow_unauthenticated_access = False\n"
            f"c.ServerApp.jpserver_extensions = {extensions!r}\n"
            "c.ServerApp.identity_provider_class = 'tests.identities.TokenUsers'\n"
            "c.ServerApp.authorizer_class = 'tests.identities.Roles'\n"
            f"c.MLOpsApp.home = {str(self.home)!r}\n" + config,
            encoding="utf-8",
        )
        kept = {name: text for name, text in os.environ.items() if not name.startswith("J")}
        self._log = self.log_path.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "jupyter_server"],
            cwd=self.root,
            env=kept
            | {
                "PYTHONPATH": str(ROOT),
                "JUPYTER_CONFIG_DIR": str(config_dir),
                "JUPYTER_DATA_DIR": str(folder / "data"),
                "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            }
            | dict(environ or {}),
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
        )

    @property
    def log(self) -> str:
        """Everything the server has printed so far."""
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def wait(self) -> JupyterHost:
        """Return once the server answers and its store is open, or has failed to open."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = self.request("GET", "status")
            except OSError:
                answer = None
            if answer is not None and answer.json().get("state") != "starting":
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.stop()
        raise AssertionError(f"The server did not start:\n{self.log}")

    def settle(self, seconds: float = START_SECONDS) -> None:
        """Return once no run is queued or running and every finished one was taken in."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.request("GET", "status").json()
            if status["scheduled"] + status["running"] == 0 and not any(self.home.glob("runs/*")):
                return
            time.sleep(0.05)
        raise AssertionError(f"Runs did not end:\n{self.log}")

    def request(
        self,
        method: str,
        path: str,
        body: bytes | dict[str, Any] | None = None,
        *,
        token: str | None = OWNER,
        headers: Mapping[str, str] | None = None,
        address: str = f"{BASE_URL}mlops/api/",
    ) -> Answer:
        """Return the answer to one request; a dict goes as JSON. ``path`` is below the API."""
        sent = {} if token is None else {"Authorization": f"token {token}"}
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        connection = self.connect()
        try:
            connection.request(method, address + path, body, sent | dict(headers or {}))
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """Return a new connection to the server."""
        return http.client.HTTPConnection(self.netloc, timeout=60)

    def __enter__(self) -> JupyterHost:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Ask the server to end, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)  # faulthandler tells the log where it hangs
            self.process.wait()
            raise AssertionError(f"The server did not stop:\n{self.log}") from None
        finally:
            self._log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
