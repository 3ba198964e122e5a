"""Two servers that speak MLflow's protocol: MLflow's own, and ours inside a Jupyter server."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks import peers
from benchmarks.disk import folder_on_disk
from benchmarks.jupyter import READY_SECONDS, JupyterServer, free_port
from benchmarks.memory import megabytes, tree_of

# Puts records into a store before its server starts.
Fill = Callable[[Path], None]


class OurServer:
    """A Jupyter server with the extension; ``fill`` gets the folder of its store.

    With a ``database_url`` its records are there instead.
    """

    name = "ours"

    def __init__(self, fill: Fill | None = None, *, database_url: str = "") -> None:
        self._root = folder_on_disk()
        self._server = JupyterServer(
            Path(self._root.name),
            {"jupyter_mlops": True},
            fill=fill,
            options=[f"--MLOpsApp.database_url={database_url}"] if database_url else [],
        )
        self._server.wait_for_store()
        self.address = f"{self._server.url}/mlops"
        self.token = self._server.token
        self.store = self._server.home / "store.db"

    @property
    def megabytes(self) -> float:
        """Memory of the server itself; its launcher for notebooks is a figure of its own."""
        return megabytes([psutil.Process(self._server.pid)])

    def close(self) -> None:
        """End the server and remove its folders."""
        self._server.close()
        self._root.cleanup()


class MlflowServer:
    """`mlflow server` with one worker over SQLite; ``fill`` gets the folder of a store it made.

    Its default of four workers adds a stall to each reply. Without its job runner it has less to do.
    """

    name = "mlflow"
    token = ""

    def __init__(self, fill: Fill | None = None) -> None:
        self._folder = folder_on_disk()
        self.store = Path(self._folder.name) / "mlflow.db"
        self._start()
        if fill is not None:
            self._stop()
            fill(self.store.parent)
            self._start()

    def _start(self) -> None:
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        command = [
            *(peers.python(), "-m", "mlflow", "server", "--workers", "1"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--backend-store-uri", f"sqlite:///{self.store}"),
            *("--artifacts-destination", str(self.store.parent / "artifacts")),
        ]
        environment = {
            **os.environ,
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }
        self._process = subprocess.Popen(
            command,
            cwd=self.store.parent,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.address}/health", timeout=10).close()  # noqa: S310 - our own loopback address
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the MLflow server did not start")

    def _stop(self) -> None:
        family = tree_of(self._process.pid)
        self._process.terminate()
        _, left = psutil.wait_procs(family, timeout=20)
        for process in left:
            process.kill()
        self._process.wait(timeout=10)

    @property
    def megabytes(self) -> float:
        """Memory of all its processes."""
        return megabytes(tree_of(self._process.pid))

    def close(self) -> None:
        """End the server and remove its folder."""
        self._stop()
        self._folder.cleanup()


Server = OurServer | MlflowServer
