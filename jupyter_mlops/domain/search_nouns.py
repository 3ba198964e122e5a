"""What MLflow's five searches know: entities, attributes, operators, kinds of value, and orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from jupyter_mlops.domain.search_terms import Entity, Operator, Order

ValueKind = Literal[
    "text",
    "metric",  # a float
    "time",  # an int or a float
    "integer",
    "integer or text",  # an integer, in quotes or not
    "experiment id",  # an integer in quotes
    "model status",
]


@dataclass(frozen=True)
class Field:
    """How one thing is compared."""

    kind: ValueKind
    operators: frozenset[Operator]


@dataclass(frozen=True)
class NamedField:
    """A thing of a fixed name: the key that it has in the result, and how it is compared."""

    key: str
    field: Field


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a filter may name.

    ``prefixes`` are the words before the dot, as written; without one an attribute is meant.
    ``free`` entities take any key, ``named`` ones those listed, as written. ``bare_values``: text
    may come without quotes. The other two say where a name may stand in quotes.
    """

    prefixes: Mapping[str, Entity]
    free: Mapping[Entity, Field]
    named: Mapping[Entity, Mapping[str, NamedField]]
    quoted_prefixes: bool = False
    quoted_attributes: bool = True
    bare_values: bool = False


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What an order may name, as in ``Filters``, and what it falls back to.

    Without ``prefixes`` it is one of the ``attributes`` exactly as written, which give the key in
    the result. ``default`` stands in for an empty order, ``ties`` follow unless their key is there.
    ``repeats``: a thing may come twice, and the second time says nothing.
    """

    prefixes: Mapping[str, Entity]
    attributes: Mapping[str, str]
    ties: tuple[Order, ...]
    free: frozenset[Entity] = frozenset()
    default: tuple[Order, ...] = ()
    quoted_prefixes: bool = False
    repeats: bool = False


@dataclass(frozen=True, kw_only=True)
class Noun:
    """One kind of thing that is searched for; ``title`` is what messages call it."""

    title: str
    filters: Filters
    orders: Orders


def _field(kind: ValueKind, *operators: Operator) -> Field:
    return Field(kind, frozenset(operators))


def _named(
    fields: Mapping[str, Field], aliases: Mapping[str, str] | None = None
) -> dict[str, NamedField]:
    named = {name: NamedField(name, field) for name, field in fields.items()}
    return named | {alias: named[name] for alias, name in (aliases or {}).items()}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_METRIC = _field("metric", "=", "!=", "<", "<=", ">", ">=")
_TIME = _field("time", "=", "!=", "<", "<=", ">", ">=")
_INTEGER = _field("integer", "=", "!=", "<", "<=", ">", ">=")
_VERSION_NUMBER = _field("integer or text", "=", "!=", "<", "<=", ">", ">=")
_TEXT = _field("text", "=", "!=", "LIKE", "ILIKE")
_LISTED_TEXT = _field("text", "=", "!=", "LIKE", "ILIKE", "IN", "NOT IN")
_OPTIONAL_TEXT = _field("text", "=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL")
_EXPERIMENT_ID = _field("experiment id", "=", "!=", "IN", "NOT IN")
_MODEL_STATUS = _field("model status", "=", "!=", "IN", "NOT IN")

MODEL_STATUSES = frozenset({"UNSPECIFIED", "PENDING", "READY", "FAILED"})

_RUN_PREFIXES: dict[str, Entity] = {
    "metric": "metric",
    "metrics": "metric",
    "parameter": "parameter",
    "parameters": "parameter",
    "param": "parameter",
    "params": "parameter",
    "tag": "tag",
    "tags": "tag",
    "attribute": "attribute",
    "attributes": "attribute",
    "attr": "attribute",
    "run": "attribute",
    "dataset": "dataset",
    "datasets": "dataset",
}
_EXPERIMENT_PREFIXES: dict[str, Entity] = {
    "attribute": "attribute",
    "attributes": "attribute",
    "tag": "tag",
    "tags": "tag",
}
_REGISTRY_PREFIXES: dict[str, Entity] = {"attribute": "attribute", "tag": "tag", "tags": "tag"}
_LOGGED_MODEL_PREFIXES: dict[str, Entity] = {
    "attributes": "attribute",
    "metrics": "metric",
    "params": "parameter",
    "tags": "tag",
}

RUNS = Noun(
    title="run",
    filters=Filters(
        prefixes=_RUN_PREFIXES,
        free={"metric": _METRIC, "parameter": _OPTIONAL_TEXT, "tag": _OPTIONAL_TEXT},
        named={
            "attribute": _named(
                {
                    "run_id": _LISTED_TEXT,
                    "run_name": _TEXT,
                    "user_id": _TEXT,
                    "status": _TEXT,
                    "artifact_uri": _TEXT,
                    "start_time": _TIME,
                    "end_time": _TIME,
                },
                {
                    "created": "start_time",
                    "Created": "start_time",
                    "run name": "run_name",
                    "Run name": "run_name",
                    "Run Name": "run_name",
                },
            ),
            "dataset": _named(
                {"name": _LISTED_TEXT, "digest": _LISTED_TEXT, "context": _LISTED_TEXT}
            ),
        },
        quoted_prefixes=True,
    ),
    orders=Orders(
        prefixes=_RUN_PREFIXES,
        free=frozenset({"metric", "parameter", "tag"}),
        attributes={
            **_same("run_id", "run_name", "user_id", "status", "artifact_uri"),
            **_same("start_time", "end_time"),
            "created": "start_time",
            "Created": "start_time",
        },
        ties=(Order("attribute", "start_time", descending=True), Order("attribute", "run_id")),
        quoted_prefixes=True,
    ),
)

EXPERIMENTS = Noun(
    title="experiment",
    filters=Filters(
        prefixes=_EXPERIMENT_PREFIXES,
        free={"tag": _OPTIONAL_TEXT},
        named={
            "attribute": _named(
                {
                    "name": _TEXT,
                    "experiment_id": _EXPERIMENT_ID,
                    "creation_time": _INTEGER,
                    "last_update_time": _INTEGER,
                }
            )
        },
    ),
    orders=Orders(
        prefixes=_EXPERIMENT_PREFIXES,
        attributes=_same("name", "experiment_id", "creation_time", "last_update_time"),
        default=(
            Order("attribute", "creation_time", descending=True),
            Order("attribute", "experiment_id"),
        ),
        ties=(Order("attribute", "experiment_id", descending=True),),
        repeats=True,
    ),
)

REGISTERED_MODELS = Noun(
    title="registered model",
    filters=Filters(
        prefixes=_REGISTRY_PREFIXES,
        free={"tag": _TEXT},
        named={"attribute": _named({"name": _LISTED_TEXT})},
        quoted_attributes=False,
    ),
    orders=Orders(
        prefixes={},
        attributes={
            **_same("name", "last_updated_timestamp"),
            "timestamp": "last_updated_timestamp",
        },
        ties=(Order("attribute", "name"),),
    ),
)

MODEL_VERSIONS = Noun(
    title="model version",
    filters=Filters(
        prefixes=_REGISTRY_PREFIXES,
        free={"tag": _TEXT},
        named={
            "attribute": _named(
                {
                    "name": _LISTED_TEXT,
                    "run_id": _LISTED_TEXT,
                    "source_path": _TEXT,
                    "version_number": _VERSION_NUMBER,
                }
            )
        },
        quoted_attributes=False,
    ),
    orders=Orders(
        prefixes=_EXPERIMENT_PREFIXES,
        attributes=_same("name", "version_number", "creation_timestamp", "last_updated_timestamp"),
        ties=(
            Order("attribute", "name"),
            Order("attribute", "version_number", descending=True),
        ),
    ),
)

LOGGED_MODELS = Noun(
    title="logged model",
    filters=Filters(
        prefixes=_LOGGED_MODEL_PREFIXES,
        free={"metric": _METRIC, "parameter": _LISTED_TEXT, "tag": _LISTED_TEXT},
        named={
            "attribute": _named(
                {
                    "name": _LISTED_TEXT,
                    "model_id": _LISTED_TEXT,
                    "model_type": _LISTED_TEXT,
                    "source_run_id": _LISTED_TEXT,
                    "status": _MODEL_STATUS,
                    "creation_timestamp": _TIME,
                    "last_updated_timestamp": _TIME,
                },
                {
                    "creation_time": "creation_timestamp",
                    "last_updated_time": "last_updated_timestamp",
                },
            )
        },
        bare_values=True,
    ),
    orders=Orders(
        # Its orders are objects: see logged_model_order.
        prefixes={"metrics": "metric"},
        free=frozenset({"metric"}),
        attributes={
            **_same("name", "model_id", "model_type", "source_run_id", "status"),
            **_same("creation_timestamp", "last_updated_timestamp"),
            "creation_time": "creation_timestamp",
            "last_updated_time": "last_updated_timestamp",
        },
        ties=(
            Order("attribute", "creation_timestamp", descending=True),
            Order("attribute", "model_id"),
        ),
        repeats=True,
    ),
)
