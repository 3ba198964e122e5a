"""The MLflow door: the same steps as our own, with MLflow's leniency and its shape of refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.api import blobs, body, problems
from jupyter_mlops.api.headers import JSON_TYPE
from jupyter_mlops.api.mlflow import PREFIX, errors, messages
from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.problems import MethodNotAllowed
from jupyter_mlops.api.route_table import RouteTable
from jupyter_mlops.api.routing import Request, Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, MlopsError, NotFound, TooLarge

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

__all__ = [
    "FOR_KERNELS",
    "PACED",
    "PREFIX",
    "answer",
    "check_body_headers",
    "find",
    "parse",
    "refuse",
]

FOR_KERNELS = True
PACED = False
_TABLE = RouteTable(ROUTES)
_PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route for a decoded ``path`` below the prefix, and the path's variable parts."""
    try:
        return _TABLE.find(method, path)
    except MethodNotAllowed:
        raise
    except NotFound:
        raise errors.EndpointNotFound("This server does not offer this part of MLflow.") from None


def check_body_headers(route: Route, content_type: str | None, length: int | None) -> None:
    """Refuse a body by its headers, before it is read. ``length`` is null when not declared."""
    check_body_size(route, length or 0)
    if route.upload or route.method == "GET" or (route.method == "DELETE" and not length):
        return
    if content_type is None or content_type.split(";")[0].strip().lower() != JSON_TYPE:
        raise InvalidRequest(f"Bad Request. Content-Type must be '{JSON_TYPE}'.")


def check_body_size(route: Route, size: int) -> None:
    """Raise TooLarge when a body of ``size`` bytes is over what ``route`` takes."""
    if size > route.body_max_bytes:
        raise TooLarge(f"A request may have at most {route.body_max_bytes} bytes.")


def parse(
    route: Route,
    actor: Actor,
    path: Mapping[str, str],
    query_string: str,
    header: Mapping[str, str],
    data: bytes,
) -> Request:
    """Return the typed request."""
    for part in path.values():
        body.check_text(part)
    if route.upload:
        return Request(actor=actor, path=path, query=None, body=None)
    check_body_size(route, len(data))
    kind: type[messages.Message] = route.body or messages.Nothing
    message: messages.Message = (
        messages.from_query(query_string, kind)
        if route.method == "GET"
        else messages.from_body(data, kind)
    )
    return Request(actor=actor, path=path, query=None, body=message)


def answer(services: Services, route: Route, request: Request) -> Response:
    """Run the operation and return its answer, encoded; nothing to say is an empty object."""
    result = route.handler(services, request)
    if isinstance(result, FileBlob):
        return Response(route.status, blobs.headers_of(result), result)
    if isinstance(result, bytes):
        return Response(200, {"Content-Type": "text/plain; charset=utf-8", **_PRIVATE}, result)
    data = b"{}" if result is None else msgspec.json.encode(result)
    return Response(route.status, {"Content-Type": JSON_TYPE, **_PRIVATE}, data)


def refuse(error: MlopsError, problem_id: str) -> Response:
    """Return a refusal in MLflow's shape; the log finds an unexpected one by ``problem_id``."""
    status, refusal = errors.of(error)
    own = {"Content-Type": JSON_TYPE, "X-Request-Id": problem_id, **_PRIVATE}
    headers = problems.headers_of(error) | own
    return Response(status, headers, msgspec.json.encode(refusal))
