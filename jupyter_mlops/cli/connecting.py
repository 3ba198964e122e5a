"""Which core a command speaks to: a named server, a running one, or the store of this machine."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jupyter_mlops.client import Client, ClientError, HttpTransport, find_server
from jupyter_mlops.client.connection import serves
from jupyter_mlops.client.errors import UNREACHABLE
from jupyter_mlops.home import product_home

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

SETTLE_SECONDS = 0.6
SETTLE_MAX_SECONDS = 3.0
TOKEN_VARIABLE = "JUPYTER_TOKEN"  # noqa: S105 (the name of a variable, not a secret)


class Connection:
    """A client, with the folder that contents paths are relative to, if that is known here.

    ``local`` tells that this very process opened the store, since no server runs.
    """

    def __init__(self, client: Client, root: Path | None, address: str, *, local: bool) -> None:
        self.client = client
        self.root = root
        self.address = address
        self.local = local


def add_options(parser: ArgumentParser) -> None:
    """Add the options that name a server."""
    group = parser.add_argument_group("server")
    group.add_argument("--server", metavar="URL", help="speak to this Jupyter server")
    group.add_argument(
        "--token",
        default=os.environ.get(TOKEN_VARIABLE, ""),
        help=f"its token; by default from the variable {TOKEN_VARIABLE}",
    )


@contextmanager
def connected(arguments: Namespace, near: Path | None = None) -> Iterator[Connection]:
    """Yield a connection and close it; ``near`` is a file that the server should serve.

    Raises ClientError when there is neither a server nor a store.
    """
    connection = _connect(arguments, near)
    try:
        yield connection
    finally:
        connection.client.close()


class NamedServer(NamedTuple):
    """Where a server listens, and the token that it takes."""

    url: str
    token: str


def named_server(arguments: Namespace) -> NamedServer:
    """Return the server that the options name, or one that runs here; ClientError when none does."""
    if arguments.server:
        return NamedServer(arguments.server, arguments.token)
    server = find_server()
    if server is None:
        raise ClientError(
            "No running Jupyter server with Jupyter MLOps was found; start one with `jupyter lab`, "
            "or name one with --server.",
            code=UNREACHABLE,
        )
    return NamedServer(server.url, server.token)


def _connect(arguments: Namespace, near: Path | None) -> Connection:
    if arguments.server:
        client = Client(HttpTransport(arguments.server, arguments.token))
        return Connection(client, None, arguments.server, local=False)
    server = find_server(near)
    if server is not None and (near is None or not near.exists() or serves(server, near)):
        client = Client(HttpTransport(server.url, server.token))
        return Connection(client, server.root, server.url, local=False)
    return _open_local(near)


def _open_local(near: Path | None) -> Connection:
    # The core is imported only here: with a server running, a command costs a client's start.
    from jupyter_mlops.bootstrap import open_local  # noqa: PLC0415

    here = Path.cwd()
    root = here if near is None or near.is_relative_to(here) else near.parent
    with refusals():
        transport = open_local(root)
    client = Client(transport)
    _settle(client)
    return Connection(client, root, "the store of this machine", local=True)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal of the core in this process into the error that a server's would be."""
    from jupyter_mlops.domain.errors import MlopsError  # noqa: PLC0415 (most commands need no core)

    try:
        yield
    except MlopsError as error:
        raise ClientError(error.message, code=error.code, status=error.status) from error


def _settle(client: Client) -> None:
    """Let this core take in what runs wrote while no server ran, before anything is read."""
    directories = product_home() / "runs"
    if not directories.is_dir() or not any(directories.iterdir()):
        return
    give_up = time.monotonic() + SETTLE_MAX_SECONDS
    seq, quiet_since = -1, time.monotonic()
    while time.monotonic() < min(give_up, quiet_since + SETTLE_SECONDS):
        now = client.status()["seq"]
        if now != seq:
            seq, quiet_since = now, time.monotonic()
        time.sleep(0.05)
