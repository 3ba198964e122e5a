"""The address of this server for MLflow clients in its own kernels: on this machine, past any proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.utils import url_path_join

from jupyter_mlops.api.mlflow import PREFIX
from jupyter_mlops.domain.mlflow_address import MlflowAddress

if TYPE_CHECKING:
    from logging import Logger

    from jupyter_server.serverapp import ServerApp

LOOPBACK = "127.0.0.1"
# What a server listens to that can be reached at the loopback address.
_EVERYWHERE = frozenset({"", "*", "0.0.0.0", "localhost"})  # noqa: S104 - read, not bound
HANDSHAKE_SECONDS = 1.0


class OwnAddress:
    """Finds the address once, when it is first asked for: the port is known late."""

    def __init__(self, serverapp: ServerApp, log: Logger) -> None:
        self._serverapp = serverapp
        self._log = log
        self._lock = threading.Lock()
        self._asked = False
        self._found: MlflowAddress | None = None

    def find(self) -> MlflowAddress | None:
        """Return the address, None if clients cannot use this server; may take two seconds once."""
        with self._lock:
            if not self._asked:
                self._found = self._find()
                self._asked = True
        return self._found

    def _find(self) -> MlflowAddress | None:
        app = self._serverapp
        if app.sock:
            return None  # which no client of MLflow can speak to
        host = local_host(app.ip)
        path = url_path_join(app.base_url, PREFIX)
        if not app.certfile:
            return MlflowAddress(uri=f"http://{_netloc(host, app.port)}{path}", certificate=None)
        # A kernel starts in the folder of its notebook, not in that of the server.
        certificate = str(Path(app.certfile).absolute())
        for name in (host, "localhost") if host in (LOOPBACK, "::1") else (host,):
            if is_certified(host, app.port, name, certificate):
                uri = f"https://{_netloc(name, app.port)}{path}"
                return MlflowAddress(uri=uri, certificate=certificate)
        self._log.warning(
            "Kernels are not told how to log to this server with MLflow: its certificate is not one "
            "that a client on this machine can check for %s or localhost.",
            host,
        )
        return None


def local_host(ip: str) -> str:
    """Return where a server that listens to ``ip`` is reached from its own machine."""
    if ip in _EVERYWHERE:
        return LOOPBACK
    return "::1" if ip == "::" else ip


def is_certified(host: str, port: int, name: str, certificate: str) -> bool:
    """Tell whether a client that trusts the file ``certificate`` alone accepts ``name`` for it."""
    with suppress(OSError):  # which a refused certificate is too
        context = ssl.create_default_context(cafile=certificate)
        # Not every Python that a kernel runs trusts what is signed by an unknown authority.
        context.verify_flags &= ~ssl.VERIFY_X509_PARTIAL_CHAIN
        with (
            socket.create_connection((host, port), timeout=HANDSHAKE_SECONDS) as connection,
            context.wrap_socket(connection, server_hostname=name),
        ):
            return True
    return False


def _netloc(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
