"""The contract: OpenAPI 3.1 made from the routes and their structs.

``python -m jupyter_mlops.api.openapi contract/openapi.json`` writes it.
"""

from __future__ import annotations

import json
import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

from jupyter_mlops.api import PREFIX
from jupyter_mlops.api.headers import VERSION_PATTERN
from jupyter_mlops.api.problems import MEDIA_TYPE, Problem
from jupyter_mlops.api.query import NoQuery, parameters
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route, by_path
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.names import RUN_ID
from jupyter_mlops.domain.request_keys import KEY_PATTERN

_REF = "#/components/schemas/{name}"
# Every operation may be refused in these ways; the rest follow from what a route takes.
_COMMON_REFUSALS = (400, 401, 403, 404, 429, 500, 503)
_TITLES = {
    400: "The request is malformed.",
    401: "Nobody is signed in.",
    403: "The actor may not do this, or the request comes from another site.",
    404: "There is no such object.",
    409: "The state of the object does not allow this.",
    412: "The object changed since it was read.",
    413: "The body or file is too large.",
    415: "The body is not application/json.",
    416: "The file does not have the range asked for.",
    429: "Too many requests are under way.",
    500: "Something went wrong; the log has it under the problem's id.",
    503: "The store is away, or still opening.",
    507: "The disk is full; nothing was half-written.",
}
_PATH_PARAMETERS = {
    "run_id": {"type": "string", "pattern": f"^{RUN_ID.pattern}$"},
    "kernel_name": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,100}$"},
}
_HEADER_PARAMETERS = {
    "Idempotency-Key": {"type": "string", "pattern": f"^{KEY_PATTERN}$"},
    "If-Match": {"type": "string", "pattern": rf"^({VERSION_PATTERN}|\*)$"},
}


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the REST door."""
    kinds = {kind for route in ROUTES for kind in (route.body, route.answer) if kind is not None}
    structs = sorted((kinds | {Problem}) - {FileBlob}, key=lambda kind: kind.__name__)
    _, components = msgspec.json.schema_components(structs, ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jupyter MLOps",
            "version": "1",
            "description": "Runs of notebooks: submit, watch, compare. Times are milliseconds "
            "since the epoch, UTC.",
        },
        "servers": [{"url": f"/{PREFIX}"}],
        "security": [{"token": []}],
        "paths": {
            f"/{path}": {method.lower(): _operation(route) for method, route in routes.items()}
            for path, routes in by_path(ROUTES).items()
        },
        "components": {
            "schemas": {name: _exact(schema) for name, schema in sorted(components.items())},
            "responses": {str(status): _refusal(title) for status, title in _TITLES.items()},
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token <token of the Jupyter server>`",
                }
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route), *_headers(route)],
        "responses": {
            str(route.status): _success(route),
            **{
                str(status): {"$ref": f"#/components/responses/{status}"}
                for status in _refusals(route)
            },
        },
        "x-scopes": [f"{resource}:{action}" for action, resource in route.scopes],
    }
    if route.answer is FileBlob:
        operation["responses"]["206"] = _success(route, partial=True)
        operation["responses"]["304"] = {"description": "The client has these bytes already."}
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(route.body)}},
        }
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_PARAMETERS[name]}
        for name in route.path_names
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    kind = route.query or NoQuery
    (_,), components = msgspec.json.schema_components([kind], ref_template=_REF)
    properties = components[kind.__name__]["properties"]
    return [
        {
            "name": parameter.name,
            "in": "query",
            "required": parameter.required,
            "schema": _plain(_exact(properties[parameter.name]), components),
        }
        for parameter in parameters(kind).values()
    ]


def _headers(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "header", "required": False, "schema": _HEADER_PARAMETERS[name]}
        for name in sorted(route.headers)
    ]


def _success(route: Route, *, partial: bool = False) -> dict[str, Any]:
    if route.answer is FileBlob:
        what = "A range of the bytes" if partial else "The bytes"
        return {
            "description": f"{what}, always as an attachment.",
            "content": {"*/*": {"schema": {}}},
        }
    headers = {}
    if route.etag:
        headers["ETag"] = {"schema": {"type": "string"}, "description": "The run's version."}
    if route.location is not None:
        headers["Location"] = {"schema": {"type": "string"}, "description": "Where to read it."}
    answer = {
        "description": (route.answer.__doc__ or "").splitlines()[0],
        "content": {"application/json": {"schema": _reference(route.answer)}},
    }
    return {**answer, "headers": headers} if headers else answer


def _refusals(route: Route) -> list[int]:
    statuses = set(_COMMON_REFUSALS)
    if route.method != "GET":
        statuses |= {409, 413, 507}
    if route.body is not None:
        statuses.add(415)
    if "If-Match" in route.headers:
        statuses.add(412)
    if route.answer is FileBlob:
        statuses.add(416)
    return sorted(statuses)


def _refusal(title: str) -> dict[str, Any]:
    return {"description": title, "content": {MEDIA_TYPE: {"schema": _reference(Problem)}}}


def _reference(kind: type) -> dict[str, str]:
    return {"$ref": _REF.format(name=kind.__name__)}


def _exact(schema: Any) -> Any:
    """Return a schema that says what msgspec leaves open: 64-bit integers, objects of anything."""
    if isinstance(schema, list):
        return [_exact(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    exact = {name: _exact(value) for name, value in schema.items()}
    if isinstance(exact.get("description"), str):
        exact["description"] = cleandoc(exact["description"])
    if exact.get("type") == "integer":
        exact |= {"format": "int64"}
    if exact.get("type") == "object" and "properties" not in exact:
        exact.setdefault("additionalProperties", True)
    return exact


def _plain(schema: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a query parameter: absent instead of null, enums in place."""
    kept = {name: value for name, value in schema.items() if name != "default"}
    if schema.get("default") not in (None, ()):
        kept["default"] = schema["default"]
    if "anyOf" in kept:
        (only,) = (item for item in kept.pop("anyOf") if item.get("type") != "null")
        kept |= only
    if "items" in kept:
        kept["items"] = _plain(kept["items"], components)
    reference = kept.pop("$ref", None)
    if reference is not None:
        kept |= components[reference.rsplit("/", 1)[-1]]
    return kept


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
