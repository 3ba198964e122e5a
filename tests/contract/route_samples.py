"""A well-formed request for each route, about objects that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jupyter_mlops.api.routing import Route

ABSENT_RUN = "0" * 32
_PATHS = {"run_id": ABSENT_RUN, "kernel_name": "no-such-kernel"}
_QUERIES = {
    "inspectNotebook": "path=absent.ipynb",
    "removeTag": "key=absent",
    "getHistory": "key=absent",
    "getArtifact": "path=absent.txt",
}
_BODIES: dict[str, dict[str, Any]] = {
    "createExperiment": {"name": "Default"},
    "submitRun": {"notebook": "absent.ipynb"},
    "changeRun": {"note": "changed"},
    "rerunRun": {},
    "setTag": {"key": "k", "value": "v"},
}


@dataclass(frozen=True)
class Sample:
    """Address below the API and body of one request."""

    path: str
    body: dict[str, Any] | None


def sample(route: Route, run_id: str = ABSENT_RUN) -> Sample:
    """Return a request for ``route``; a route with a body must have a sample here."""
    path = route.path.format_map(_PATHS | {"run_id": run_id})
    query = _QUERIES.get(route.operation_id)
    body = _BODIES[route.operation_id] if route.body is not None else None
    return Sample(f"{path}?{query}" if query else path, body)
