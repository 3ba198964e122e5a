"""Addresses of MLflow's protocol: each with the message that it takes and asks of the actor."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jupyter_mlops.api.mlflow.door import PREFIX
from jupyter_mlops.api.mlflow.routes import ROUTES
from scripts.reference.markdown import code, table

_INTRODUCTION = f"""\
# MLflow's protocol

All below `<base URL of the server>/{PREFIX}`, as [MLflow's clients](../guide/mlflow.md) ask for them. A message is the JSON
body of the request, or the query of a GET; fields that are not listed are ignored, `*` marks those that are
required. A refusal is `{{"error_code": …, "message": …}}`.
"""


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    yield _INTRODUCTION
    yield from table(
        ("address", "message", "scopes"),
        (
            (
                code(f"{route.method} {route.path}"),
                ", ".join(_fields(route.body)),
                ", ".join(code(f"{resource}:{action}") for action, resource in route.scopes),
            )
            for route in ROUTES
        ),
    )


def _fields(kind: type | None) -> Iterator[str]:
    if kind is not None:
        for field in msgspec.structs.fields(kind):
            yield code(field.encode_name + ("*" if field.required else ""))
