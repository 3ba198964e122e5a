"""An operation as data: what it is called, what it takes, what it answers, and who may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.actors import Action, Actor, Resource

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
RequestHeader = Literal["Idempotency-Key", "If-Match"]

BODY_MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class Request:
    """One parsed request: only typed values, nothing raw that has not been checked."""

    actor: Actor
    path: Mapping[str, str]
    query: Any
    body: Any
    idempotency_key: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True)
class Response:
    """One answer: bytes, or a blob that the host streams and closes."""

    status: int
    headers: Mapping[str, str]
    body: bytes | FileBlob


@dataclass(frozen=True)
class Route:
    """One operation of the REST door.

    ``path`` is below ``mlops/api`` with ``{names}``, and ``{names...}`` that hold slashes; ``query`` and ``body`` are structs;
    ``answer`` is a struct, or FileBlob for bytes. The actor gets the scope ``resource:action``
    and those of ``also``, and those of ``wanted`` that its user has, no more. ``etag`` and ``location`` are made from the answer.
    ``timeout`` in seconds. The body of an ``upload`` goes to a file, whatever its type.
    """

    method: Method
    path: str
    operation_id: str
    summary: str
    handler: Callable[[Services, Request], Any]
    action: Action
    resource: Resource
    answer: type
    status: int = 200
    query: type | None = None
    body: type | None = None
    also: tuple[tuple[Action, Resource], ...] = ()
    wanted: tuple[tuple[Action, Resource], ...] = ()
    headers: frozenset[RequestHeader] = frozenset()
    etag: bool = False
    location: str | None = None
    timeout: float = 30.0
    body_max_bytes: int = BODY_MAX_BYTES
    upload: bool = False
    pattern: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = map(_pattern_of, self.path.split("/"))
        object.__setattr__(self, "pattern", re.compile("/".join(parts), re.DOTALL))

    @property
    def scopes(self) -> tuple[tuple[Action, Resource], ...]:
        """Every action and resource that the actor needs, the main one first."""
        return ((self.action, self.resource), *self.also)

    @property
    def path_names(self) -> list[str]:
        """The names of the path's variable parts, in order."""
        return list(self.pattern.groupindex)


def _pattern_of(part: str) -> str:
    if part.endswith("...}"):
        return f"(?P<{part[1:-4]}>.+)"
    return f"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)


def by_path(routes: Iterable[Route]) -> dict[str, dict[str, Route]]:
    """Return the routes of each path by method."""
    grouped: dict[str, dict[str, Route]] = {}
    for route in routes:
        grouped.setdefault(route.path, {})[route.method] = route
    return grouped
