"""The Python client: the REST operations as methods; standard library only.

``Client(HttpTransport(url, token))`` speaks to a server, ``connect()`` finds one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_mlops.client.connection import connect, find_server
    from jupyter_mlops.client.errors import ClientError
    from jupyter_mlops.client.operations import Client
    from jupyter_mlops.client.transport import HttpTransport, Transport

_HOMES = {
    "Client": "operations",
    "ClientError": "errors",
    "HttpTransport": "transport",
    "Transport": "transport",
    "connect": "connection",
    "find_server": "connection",
}

__all__ = ["Client", "ClientError", "HttpTransport", "Transport", "connect", "find_server"]


def __getattr__(name: str) -> Any:
    """Import a name at its first use: a kernel that only looks for its server needs no HTTP."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
