"""Structs as sections: what they are, and a row for each field with its type and default."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from scripts.reference.markdown import code, prose, table

_SIGNS = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
_MEASURES = {
    "min_length": "length ≥",
    "max_length": "length ≤",
    "pattern": "matches",
}


def reachable(kinds: Iterable[type]) -> list[type]:
    """Return these structs and all structs and enumerations in their fields, by name."""
    found: dict[str, type] = {}
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if kind.__name__ in found:
            continue
        found[kind.__name__] = kind
        if issubclass(kind, msgspec.Struct):
            for hint in get_type_hints(kind).values():
                waiting += _kinds(hint)
    return [found[name] for name in sorted(found)]


def section(kind: type) -> list[str]:
    """Return the section of a struct or enumeration."""
    if issubclass(kind, Enum):
        values = ", ".join(code(str(item.value)) for item in kind)
        return [f"### {kind.__name__}", "", *prose(kind.__doc__), f"One of {values}.", ""]
    return [f"### {kind.__name__}", "", *prose(kind.__doc__), *fields(kind)]


def fields(kind: type[msgspec.Struct]) -> list[str]:
    """Return the table of the fields of a struct."""
    hints = get_type_hints(kind, include_extras=True)
    return table(
        ("field", "type", "default"),
        (
            (code(field.encode_name), code(_written(hints[field.name])), _default(field))
            for field in msgspec.structs.fields(kind)
        ),
    )


def _kinds(hint: Any) -> list[type]:
    if isinstance(hint, type) and issubclass(hint, (msgspec.Struct, Enum)):
        return [hint]
    return [kind for part in get_args(hint) for kind in _kinds(part)]


def _written(hint: Any) -> str:
    """Return a type in words that do not depend on the version of Python."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return ", ".join([_written(parts[0]), *_limits(parts[1])])
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in parts)
    if origin in (Union, UnionType):
        return " | ".join(_written(part) for part in parts if part is not msgspec.UnsetType)
    if origin is not None:
        inside = ", ".join(_written(part) for part in parts if part is not Ellipsis)
        return f"{origin.__name__}[{inside}]"
    if hint in (None, NoneType):
        return "null"
    return "any" if hint is Any else str(hint.__name__)


def _limits(meta: msgspec.Meta) -> list[str]:
    return [
        f"{sign} {getattr(meta, name)}"
        for name, sign in {**_SIGNS, **_MEASURES}.items()
        if getattr(meta, name) is not None
    ]


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    if field.default is msgspec.UNSET:
        return "unchanged"
    if field.default_factory is not msgspec.NODEFAULT:
        return code(json.dumps(field.default_factory()))
    return code(msgspec.json.encode(field.default).decode())
