"""What MLflow's clients ask of a server itself: is it there, which version, what can it do."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.api.mlflow.messages import Nothing
from jupyter_mlops.api.routing import Request, Route

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

# The version of MLflow whose protocol is spoken; clients use it to choose features.
PROTOCOL_VERSION = "3.17.2"


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What the server is able to do beyond the least; clients take a missing key for no."""

    store_type: str = "SqlStore"
    workspaces_enabled: bool = False
    multipart_uploads_enabled: bool = False
    multipart_downloads_enabled: bool = False


def _say(answer: object, services: Services, request: Request) -> object:
    return answer


ROUTES: tuple[Route, ...] = tuple(
    Route(
        method="GET",
        path=path,
        operation_id=f"mlflow.{name}",
        summary=name,
        handler=partial(_say, answer),
        action="read",
        resource="mlops:server",
        answer=type(answer),
        body=Nothing,
    )
    for path, name, answer in (
        ("health", "health", b"OK"),
        ("version", "version", PROTOCOL_VERSION.encode()),
        ("api/3.0/mlflow/server-info", "server-info", ServerInfo()),
    )
)
