"""Messages of MLflow's protocol as nobody would think of them, made from the structs of the routes."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from msgspec import inspect

from jupyter_mlops.api.mlflow.messages import Nothing
from jupyter_mlops.api.routing import Route
from tests.contract.test_bodies import json_text, json_values

# Stand for what is there: a run, its experiment, a logged model of it, a registered model with a version.
# Their ids are known only when the request is sent.
RUN = "THE-RUN"
EXPERIMENT = "THE-EXPERIMENT"
MODEL = "THE-MODEL"
NAME = "THE-NAME"
# What a field says most of the time, so that requests get as far as what is done with them.
_USUAL: dict[str, Any] = {
    "run_id": RUN,
    "run_uuid": RUN,
    "source_run_id": RUN,
    "experiment_id": EXPERIMENT,
    "experiment_ids": [EXPERIMENT],
    "experiment_name": "Default",
    "model_id": MODEL,
    "name": NAME,
    "version": "1",
    "alias": "champion",
    "source": f"models:/{MODEL}",
    "stage": "Staging",
    "path": f"0/{RUN}/artifacts",
    "metric_key": "loss",
    "key": "loss",
    "tag_key": "loss",
    "filter": "",
    "page_token": "",
    "max_results": 5,
    "order_by": [],
    "timestamp": 7,
    "value": "1",
    "step": 0,
}
# Texts that mean something somewhere: ids, keys, stages, filters, orders, tokens, numbers.
_MEANT = [
    RUN,
    "0",
    "999999",
    "0" * 32,
    "loss",
    "mlflow.runName",
    "mlflow.note.content",
    "RUNNING",
    "FINISHED",
    "ALL",
    "DELETED_ONLY",
    "metrics.loss > 0.5 AND params.`a b` LIKE '%x'",
    "attributes.run_id IN ('a', 'b')",
    "tags.k IS NULL",
    "metrics.loss DESC",
    "start_time",
    "name ASC",
    "bzE=",
    "WzAsIFtbMCwgMV0sIFsxLCAxXV1d",
    "m-" + "1" * 32,
    "models:/m/1",
    "runs:/" + "0" * 32 + "/model",
    f"mlflow-artifacts:/0/{RUN}/artifacts/model",
    "NaN",
    "-Infinity",
    "1.5",
    "1",
    "..",
    "a/../b",
    "",
    "x" * 300,
]
texts = st.sampled_from(_MEANT) | json_text
numbers = (
    st.integers(-5, 5)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.sampled_from([2**63, -(2**70), 1e308, "1", "1e400", "9" * 400])
)
junk = json_values | st.floats()


def message(route: Route) -> st.SearchStrategy[dict[str, Any]]:
    """Return messages for ``route``: mostly of the right types, some wrong, missing or unknown."""
    kind = inspect.type_info(route.body or Nothing)
    assert isinstance(kind, inspect.StructType)
    return _struct(kind)


def body(route: Route) -> st.SearchStrategy[bytes]:
    """Return bodies: messages as they should be, and what is left of one that was cut or hurt."""
    whole = message(route).map(lambda fields: json.dumps(fields).encode())
    return st.one_of(
        whole,
        whole,
        whole,
        st.builds(lambda data, size: data[: size % (len(data) + 1)], whole, st.integers(0)),
        st.builds(_hurt, whole, st.integers(0), st.binary(min_size=1, max_size=4)),
        junk.map(lambda value: json.dumps(value).encode()),
    )


def query(route: Route) -> st.SearchStrategy[list[tuple[str, str]]]:
    """Return the fields of queries, some of them sent twice or unknown."""
    kind = inspect.type_info(route.body or Nothing)
    assert isinstance(kind, inspect.StructType)
    names = st.sampled_from([field.encode_name for field in kind.fields] or ["unknown"]) | json_text
    values = texts | numbers.map(str)
    known = _struct(kind).map(
        lambda fields: [
            (name, item if isinstance(item, str) else json.dumps(item))
            for name, value in fields.items()
            for item in (value if isinstance(value, list) else [value])
        ]
    )
    return known | st.lists(st.tuples(names, values), max_size=8)


def path_part(name: str) -> st.SearchStrategy[str]:
    """Return what stands for a variable part of a path: something once handed out, or not."""
    usual = _USUAL.get(name)
    inside = st.lists(texts.filter(bool), max_size=3).map("/".join)
    address = inside.map(lambda text: f"0/{RUN}/artifacts/{text}")
    odd = address | inside.filter(bool) | st.sampled_from(_MEANT).filter(bool)
    there = st.just(f"0/{RUN}/artifacts/loss") if name == "path" else st.just(str(usual))
    return there | odd


def _hurt(data: bytes, place: int, by: bytes) -> bytes:
    place %= len(data)
    return data[:place] + by + data[place + len(by) :]


def _struct(kind: inspect.StructType) -> st.SearchStrategy[dict[str, Any]]:
    fields = {field.encode_name: _of_field(field.encode_name, field.type) for field in kind.fields}
    some = st.fixed_dictionaries({}, optional=fields)
    whole = st.fixed_dictionaries(fields)
    wrong = st.fixed_dictionaries({}, optional=dict.fromkeys(fields, junk))
    extra = st.builds(lambda known, more: more | known, whole, st.dictionaries(json_text, junk))
    one_wrong = st.builds(lambda known, bad: known | bad, whole, wrong)
    return st.one_of(whole, some, extra, one_wrong, wrong)


def _of_field(name: str, kind: inspect.Type) -> st.SearchStrategy[Any]:
    value = _value(kind)
    if name not in _USUAL:
        return value
    usual = st.just(_USUAL[name])
    return st.one_of(usual, usual, usual, value)


def _value(kind: inspect.Type) -> st.SearchStrategy[Any]:
    if isinstance(kind, inspect.UnionType):
        return st.one_of([_value(one) for one in kind.types])
    if isinstance(kind, inspect.StructType):
        return _struct(kind)
    if isinstance(kind, (inspect.ListType, inspect.VarTupleType)):
        return st.lists(_value(kind.item_type), max_size=3)
    if isinstance(kind, inspect.StrType):
        return texts
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        return numbers
    return {inspect.BoolType: st.booleans(), inspect.NoneType: st.none()}.get(type(kind), junk)
