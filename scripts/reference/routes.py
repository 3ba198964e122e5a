"""REST routes: each operation with what it takes, answers and asks of the actor."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_mlops.api import PREFIX
from jupyter_mlops.api.problems import Problem
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.artifacts.blob import FileBlob
from scripts.reference.markdown import code, table
from scripts.reference.structs import fields, reachable, section

_INTRODUCTION = f"""\
# REST routes

All below `<base URL of the server>{PREFIX}`. Bodies and answers are JSON in snake_case; times are milliseconds
since the epoch, UTC. A number that is not finite is the text `"NaN"`, `"Infinity"` or `"-Infinity"`. A request
carries `Authorization: token <token>`, or a browser's session with its XSRF token. A refusal is a
[Problem](#problem) with one of the [error codes](errors.md). An unknown field or query parameter is refused.

The same as OpenAPI 3.1 is `contract/openapi.json` in the repository.
"""


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield _INTRODUCTION
    yield from table(
        ("operation", "does"),
        (
            (f"[`{route.method} {route.path}`](#{route.operation_id.lower()})", route.summary)
            for route in ROUTES
        ),
    )
    yield "## Operations\n"
    for route in ROUTES:
        yield from _operation(route)
    yield "## Structs\n"
    kinds = {kind for route in ROUTES for kind in (route.body, route.answer) if kind is not None}
    for kind in reachable((kinds | {Problem}) - {FileBlob}):
        yield from section(kind)


def _operation(route: Route) -> Iterator[str]:
    yield f"### {route.operation_id}\n"
    yield f"`{route.method} {PREFIX}/{route.path}`\n"
    yield f"{route.summary}\n"
    if route.query is not None:
        yield "Query parameters:\n"
        yield from fields(route.query)
    if route.body is not None:
        yield f"- Takes: {_link(route.body)}"
    if route.headers:
        yield f"- Optional headers: {', '.join(code(name) for name in sorted(route.headers))}"
    yield f"- Answers: {route.status}, {_answer(route)}"
    scopes = ", ".join(code(f"{resource}:{action}") for action, resource in route.scopes)
    yield f"- Scopes: {scopes}\n"


def _answer(route: Route) -> str:
    if route.answer is FileBlob:
        return "the bytes, as an attachment; `Range` and `If-None-Match` are honoured"
    told = [_link(route.answer)]
    if route.etag:
        told.append("its version in `ETag`")
    if route.location is not None:
        told.append("its address in `Location`")
    return ", ".join(told)


def _link(kind: type) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})"
