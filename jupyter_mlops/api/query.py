"""A query string becomes one struct here: every parameter known, typed and sent once."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect

from jupyter_mlops.api.body import INT64_MAX, INT64_MIN, check_text, to_struct
from jupyter_mlops.domain.errors import InvalidRequest

QUERY_MAX_CHARS = 8_192
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_BOOLEANS = {"true": True, "false": False}
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

T = TypeVar("T", bound=msgspec.Struct)


class NoQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of an operation that takes none."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One query parameter by its name on the wire; ``repeated`` when it may come many times."""

    name: str
    type: inspect.Type
    repeated: bool
    required: bool


@cache
def parameters(kind: type[msgspec.Struct]) -> dict[str, Parameter]:
    """Return the query parameters that the struct ``kind`` describes, by name."""
    described = inspect.type_info(kind)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - routes give structs only
    found = {}
    for field in described.fields:
        plain = _without_none(field.type)
        repeated = isinstance(plain, inspect.VarTupleType)
        found[field.encode_name] = Parameter(
            name=field.encode_name,
            type=plain.item_type if isinstance(plain, inspect.VarTupleType) else plain,
            repeated=repeated,
            required=field.required,
        )
    return found


def parse(query: str, kind: type[T]) -> T:
    """Return the struct ``kind`` of a raw query string; InvalidRequest names the bad parameter."""
    known = parameters(kind)
    values: dict[str, Any] = {}
    for name, text in _pairs(query):
        parameter = known.get(name)
        if parameter is None:
            raise InvalidRequest("A query parameter was sent that this operation does not know.")
        value = _typed(parameter, text)
        if parameter.repeated:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise InvalidRequest(f"The query parameter {name} was sent twice.", field=name)
        else:
            values[name] = value
    return to_struct(values, kind)


def _pairs(query: str) -> list[tuple[str, str]]:
    if len(query) > QUERY_MAX_CHARS:
        raise InvalidRequest(f"A query string has at most {QUERY_MAX_CHARS} characters.")
    if _BAD_ESCAPE.search(query):
        raise InvalidRequest("The query string holds a broken %-escape.")
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except (UnicodeDecodeError, ValueError):
        raise InvalidRequest("The query string is not valid.") from None


def _typed(parameter: Parameter, text: str) -> Any:
    check_text(text)
    kind = parameter.type
    if isinstance(kind, inspect.IntType):
        if not _INTEGER.fullmatch(text) or not INT64_MIN <= int(text) <= INT64_MAX:
            raise InvalidRequest(
                f"The query parameter {parameter.name} must be an integer.", field=parameter.name
            )
        return int(text)
    if isinstance(kind, inspect.BoolType):
        if text not in _BOOLEANS:
            raise InvalidRequest(
                f"The query parameter {parameter.name} must be true or false.",
                field=parameter.name,
            )
        return _BOOLEANS[text]
    if isinstance(kind, (inspect.EnumType, inspect.LiteralType)):
        allowed = _allowed(kind)
        if text not in allowed:
            raise InvalidRequest(
                f"The query parameter {parameter.name} must be one of {', '.join(allowed)}.",
                field=parameter.name,
            )
    return text


def _allowed(kind: inspect.EnumType | inspect.LiteralType) -> list[str]:
    if isinstance(kind, inspect.LiteralType):
        return [str(value) for value in kind.values]
    members: list[Enum] = list(kind.cls)
    return [str(member.value) for member in members]


def _without_none(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        return next(member for member in kind.types if not isinstance(member, inspect.NoneType))
    return kind
