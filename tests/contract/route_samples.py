"""A well-formed request for each route of both doors, about objects that do not exist."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from jupyter_mlops.api import PREFIX
from jupyter_mlops.api.mlflow import door as mlflow_door
from jupyter_mlops.api.mlflow.routes import ROUTES as MLFLOW_ROUTES
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route
from tests.contract import mlflow_samples
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, Answer, JupyterHost

ABSENT_RUN = "0" * 32
EVERY_ROUTE = (*ROUTES, *MLFLOW_ROUTES)
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
    "changePreferences": {"autolog": False},
    "changeRun": {"note": "changed"},
    "rerunRun": {},
    "setTag": {"key": "k", "value": "v"},
}


@dataclass(frozen=True)
class Sample:
    """Address below that of the door, and body of one request."""

    path: str
    body: dict[str, Any] | None
    address: str = f"{BASE_URL}{PREFIX}/"
    data: bytes | None = None
    content_type: str = "application/json"

    def send(
        self,
        host: JupyterHost,
        method: str,
        *,
        bare: bool = False,
        in_query: str = "",
        token: str | None = OWNER,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Send the request, without its body if ``bare``; ``headers`` win over its own."""
        path = self.path
        if in_query:
            path += f"{'&' if '?' in path else '?'}{in_query}"
        data = None if bare else self.data
        own = {} if data is None else {"Content-Type": self.content_type}
        sent = own | (headers or {})
        return host.request(method, path, data, token=token, headers=sent, address=self.address)


def name_of(route: Route) -> str:
    """Return what a test about ``route`` is called after."""
    return f"{route.method} {route.operation_id}"


def sample(route: Route, run_id: str = ABSENT_RUN) -> Sample:
    """Return a request for ``route``; a route with a body must have a sample here."""
    if route in MLFLOW_ROUTES:
        return _of_mlflow(route, run_id)
    path = route.path.format_map(_PATHS | {"run_id": run_id})
    query = _QUERIES.get(route.operation_id)
    body = _BODIES[route.operation_id] if route.body is not None else None
    data = None if body is None else json.dumps(body).encode()
    return Sample(f"{path}?{query}" if query else path, body, data=data)


def _of_mlflow(route: Route, run_id: str) -> Sample:
    fields = mlflow_samples.message(route, run_id)
    path = mlflow_samples.path(route, run_id)
    if route.method == "GET":
        path += mlflow_samples.query(fields)
    return Sample(
        path,
        None if route.method == "GET" or route.upload else fields,
        address=f"{BASE_URL}{mlflow_door.PREFIX}/",
        data=mlflow_samples.body(route, fields),
        content_type="application/octet-stream" if route.upload else "application/json",
    )
