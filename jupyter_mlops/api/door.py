"""One request through the door: raw parts in, one Response out; errors go up as MlopsError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec

from jupyter_mlops.api import PREFIX, blobs, body, headers, problems, query
from jupyter_mlops.api.route_table import RouteTable
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Request, Response, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import (
    InvalidRequest,
    MlopsError,
    TooLarge,
    WrongMediaType,
)

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

__all__ = [
    "FOR_KERNELS",
    "PACED",
    "PREFIX",
    "Door",
    "answer",
    "check_body_headers",
    "find",
    "parse",
    "refuse",
]


FOR_KERNELS = False
PACED = True
_TABLE = RouteTable(ROUTES)


class Door(Protocol):
    """What a host needs of a door; a module with these functions is one."""

    PREFIX: str
    # Whether a kernel may ask here with a token of its own.
    FOR_KERNELS: bool
    # Whether requests over a pace are refused; else they wait for each other.
    PACED: bool

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route that a request is for."""

    def check_body_headers(
        self, route: Route, content_type: str | None, length: int | None
    ) -> None:
        """Refuse a body by its headers."""

    def parse(
        self,
        route: Route,
        actor: Actor,
        path: Mapping[str, str],
        query_string: str,
        header: Mapping[str, str],
        data: bytes,
    ) -> Request:
        """Return the typed request."""

    def answer(self, services: Services, route: Route, request: Request) -> Response:
        """Run the operation."""

    def refuse(self, error: MlopsError, problem_id: str) -> Response:
        """Return what a failure looks like on this door."""


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the route for a decoded ``path`` below the prefix, and the path's variable parts."""
    return _TABLE.find(method, path)


def check_body_headers(route: Route, content_type: str | None, length: int | None) -> None:
    """Refuse a body by its headers, before it is read. ``length`` is null when not declared."""
    if route.body is None:
        if length:
            raise InvalidRequest("This operation takes no body.")
        return
    if not headers.is_json(content_type):
        raise WrongMediaType("Send the body as application/json.")
    check_body_size(route, length or 0)


def check_body_size(route: Route, size: int) -> None:
    """Raise TooLarge when a body of ``size`` bytes is over what ``route`` takes."""
    if size > route.body_max_bytes:
        raise TooLarge(f"The body may have at most {route.body_max_bytes} bytes.")


def parse(
    route: Route,
    actor: Actor,
    path: Mapping[str, str],
    query_string: str,
    header: Mapping[str, str],
    data: bytes,
) -> Request:
    """Return the typed request; ``header`` must find names regardless of case."""
    for part in path.values():
        body.check_text(part)
    if route.body is None and data:
        raise InvalidRequest("This operation takes no body.")
    check_body_size(route, len(data))
    return Request(
        actor=actor,
        path=path,
        query=query.parse(query_string, route.query or query.NoQuery),
        body=None if route.body is None else body.parse(data, route.body),
        idempotency_key=headers.idempotency_key(header.get("Idempotency-Key"))
        if "Idempotency-Key" in route.headers
        else None,
        expected_version=headers.expected_version(header.get("If-Match"))
        if "If-Match" in route.headers
        else None,
    )


def answer(services: Services, route: Route, request: Request) -> Response:
    """Run the operation and return its answer, encoded unless it is a blob."""
    return encode(route, route.handler(services, request))


def encode(route: Route, result: object) -> Response:
    """Return ``result`` of ``route`` as a response; ``Location`` is relative to the prefix."""
    if isinstance(result, FileBlob):
        return Response(route.status, blobs.headers_of(result), result)
    made = {"Content-Type": headers.JSON_TYPE, "Cache-Control": "private, no-store"}
    if route.etag:
        made["ETag"] = headers.etag(result.version)  # type: ignore[attr-defined]
    if route.location is not None:
        fields = msgspec.structs.asdict(result)  # type: ignore[arg-type]
        made["Location"] = route.location.format_map(fields)
    return Response(route.status, made, msgspec.json.encode(result))


def refuse(error: MlopsError, problem_id: str) -> Response:
    """Return a refusal as problem details; the log finds an unexpected one by ``problem_id``."""
    problem = problems.of(error, problem_id)
    return Response(error.status, problems.headers_of(error), msgspec.json.encode(problem))
