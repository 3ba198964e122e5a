"""Every field of every route that takes text, found in the routes, and a request that fills it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from msgspec import inspect

from jupyter_mlops.api import query
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route
from tests.contract.route_samples import sample
from tests.jupyter_host import Answer, JupyterHost

Place = Literal["path", "query", "body", "key", "value", "header"]


@dataclass(frozen=True)
class TextField:
    """One text of one operation; ``key`` and ``value`` are those of an object in the body."""

    route: Route
    place: Place
    name: str

    @property
    def label(self) -> str:
        """How tests name it."""
        return f"{self.route.operation_id} {self.place} {self.name}"

    def ask(self, host: JupyterHost, run_id: str, text: str) -> Answer:
        """Send ``text`` in this field of a request about the run ``run_id``."""
        asked = sample(self.route, run_id)
        path, body = asked.path.split("?")[0], dict(asked.body or {})
        if "notebook" in body:
            body["notebook"] = "train.ipynb"
        escaped = quote(text.encode("utf-8", "surrogatepass"), safe="")
        headers = {}
        if self.place == "path":
            path = self.route.path.replace(f"{{{self.name}}}", escaped)
        elif self.place == "query":
            path += f"?{self.name}={escaped}"
        elif self.place == "header":
            # What no header can hold never leaves the client.
            headers = {self.name: text.encode("utf-8", "replace").decode("latin-1")}
        else:
            inner = {"key": {text: "v"}, "value": {"k": text}}
            body[self.name] = inner.get(self.place, text)
        data = None if self.route.body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        return host.request(self.route.method, path, data, headers=headers)


def text_fields() -> list[TextField]:
    """Return every text of every operation."""
    found = []
    for route in ROUTES:
        found += [TextField(route, "path", name) for name in route.path_names]
        found += [TextField(route, "header", name) for name in sorted(route.headers)]
        if route.query is not None:
            known = query.parameters(route.query).values()
            found += [TextField(route, "query", item.name) for item in known if _text(item.type)]
        if route.body is not None:
            found += _of_body(route, route.body)
    return found


def _of_body(route: Route, body: type) -> list[TextField]:
    described = inspect.type_info(body)
    assert isinstance(described, inspect.StructType)
    found = []
    for field in described.fields:
        if isinstance(_plain(field.type), inspect.DictType):
            places: tuple[Place, ...] = ("key", "value")
            found += [TextField(route, place, field.encode_name) for place in places]
        elif _text(field.type):
            found.append(TextField(route, "body", field.encode_name))
    return found


def _text(kind: inspect.Type) -> bool:
    kind = _plain(kind)
    kinds: tuple[Any, ...] = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return any(isinstance(_plain(one), inspect.StrType) for one in kinds)


def _plain(kind: inspect.Type) -> inspect.Type:
    """Return a type without what only the contract tells of it, such as its bounds."""
    return kind.type if isinstance(kind, inspect.Metadata) else kind
