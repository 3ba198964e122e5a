"""Connecting: to a server that is named, or to the one that runs and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_mlops.client.discovery import Server, servers
from jupyter_mlops.client.errors import UNREACHABLE, ClientError
from jupyter_mlops.client.operations import Client
from jupyter_mlops.client.transport import HttpTransport

if TYPE_CHECKING:
    from pathlib import Path

PROBE_SECONDS = 3.0


def find_server(near: Path | None = None) -> Server | None:
    """Return a running server with this product that answers, or None.

    Servers whose contents include the file or folder ``near`` come first.
    """
    found = list(servers())
    if near is not None:
        found.sort(key=lambda server: not serves(server, near))
    return next((server for server in found if fault_of(server) is None), None)


def serves(server: Server, file: Path) -> bool:
    """Tell whether a file lies in the folder of a server, by its name or after its links."""
    return file.is_relative_to(server.root) or file.resolve().is_relative_to(server.root.resolve())


def fault_of(server: Server) -> str | None:
    """Say why a server cannot be used; None when it answers."""
    try:
        Client(HttpTransport(server.url, server.token, PROBE_SECONDS)).status()
    except ClientError as error:
        return error.message
    return None


def connect(url: str | None = None, token: str = "") -> Client:
    """Return a client of the server at ``url``, or else of one that runs here.

    Raises ClientError when none is found.
    """
    if url is not None:
        return Client(HttpTransport(url, token))
    server = find_server()
    if server is None:
        raise ClientError(
            "No running Jupyter server with Jupyter MLOps was found; start one with `jupyter lab`.",
            code=UNREACHABLE,
        )
    return Client(HttpTransport(server.url, server.token))
