"""Where MLflow's clients on this machine find the server."""

from __future__ import annotations

from collections.abc import Callable

import msgspec


class MlflowAddress(msgspec.Struct, frozen=True, kw_only=True):
    """What clients call the tracking URI.

    ``certificate`` is the file that the server's certificate is checked against, for https.
    """

    uri: str
    certificate: str | None


# It is known only once the server listens.
FindAddress = Callable[[], MlflowAddress | None]


def nowhere() -> MlflowAddress | None:
    """Find no address: there is no server, or kernels are not to use it."""
    return None
