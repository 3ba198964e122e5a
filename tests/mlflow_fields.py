"""Every text that a message of MLflow's protocol can carry, found in the structs of the routes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from msgspec import inspect

from jupyter_mlops.api.mlflow.routes import ROUTES
from jupyter_mlops.api.routing import Route
from tests.contract import mlflow_samples
from tests.identities import OWNER
from tests.jupyter_host import Answer, JupyterHost
from tests.mlflow_door import ADDRESS

# Names of fields on the way to a text; a number is the place in a list.
Trail = tuple[str | int, ...]


@dataclass(frozen=True)
class MlflowText:
    """One text of one operation: in a variable part of its path, or somewhere in its message."""

    route: Route
    trail: Trail
    in_path: bool = False

    @property
    def label(self) -> str:
        """How tests name it."""
        names = ".".join(map(str, self.trail))
        return f"{self.route.method} {self.route.operation_id} {names}"

    @property
    def name(self) -> str:
        """What the field itself is called."""
        return str([part for part in self.trail if isinstance(part, str)][-1])

    def ask(self, host: JupyterHost, run_id: str, text: str, **headers: str) -> Answer:
        """Send ``text`` in this field of a request about the run ``run_id``."""
        fields = copy.deepcopy(mlflow_samples.message(self.route, run_id))
        path = mlflow_samples.path(self.route, run_id)
        if self.in_path:
            place = f"{{{self.trail[0]}...}}"
            path = self.route.path.replace(
                place if place in self.route.path else f"{{{self.trail[0]}}}",
                quote(text.encode("utf-8", "surrogatepass"), safe=""),
            )
        else:
            put(fields, self.trail, text)
            if self.trail == ("run_uuid",):
                fields.pop("run_id", None)  # which wins over the name of old clients
        if self.route.method == "GET" and fields:
            path += mlflow_samples.query(fields)
        return host.request(
            self.route.method,
            path,
            mlflow_samples.body(self.route, fields),
            token=OWNER,
            headers={"Content-Type": "application/json"} | headers,
            address=ADDRESS,
        )


def put(fields: dict[str, Any], trail: Trail, value: object) -> None:
    """Set what the trail leads to; lists and objects on the way are made as needed."""
    inside: Any = fields
    for part, after in pairwise(trail):
        empty: Any = [] if isinstance(after, int) else {}
        if isinstance(part, int):
            if not inside:
                inside.append(empty)
        elif not inside.get(part):
            inside[part] = empty
        inside = inside[part]
    if isinstance(trail[-1], int):
        inside[:] = [value]
    else:
        inside[trail[-1]] = value


def mlflow_texts() -> list[MlflowText]:
    """Return every text of every operation of the MLflow door."""
    found = []
    for route in ROUTES:
        found += [MlflowText(route, (name,), in_path=True) for name in route.path_names]
        if route.body is not None:
            found += [MlflowText(route, trail) for trail in trails(route.body)]
    return found


def trails(kind: type) -> Iterator[Trail]:
    """Yield the way to each text in a struct."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)
    yield from _in_struct(described)


def _in_struct(kind: inspect.StructType) -> Iterator[Trail]:
    for field in kind.fields:
        for trail in _in(field.type):
            yield (field.encode_name, *trail)


def _in(kind: inspect.Type) -> Iterator[Trail]:
    if isinstance(kind, inspect.UnionType):
        for one in kind.types:
            yield from _in(one)
    elif isinstance(kind, inspect.StructType):
        yield from _in_struct(kind)
    elif isinstance(kind, (inspect.ListType, inspect.VarTupleType)):
        for trail in _in(kind.item_type):
            yield (0, *trail)
    elif isinstance(kind, (inspect.StrType, inspect.AnyType)):
        yield ()
