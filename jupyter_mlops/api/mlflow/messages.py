"""Bytes or a query become one message, as leniently as MLflow's own server reads them.

Unknown fields are ignored, numbers may be text, NaN is allowed. What stays strict: UTF-8, one JSON
object, a bounded depth, no NUL or half characters, 64-bit integers.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import parse_qsl

import msgspec

from jupyter_mlops.api import body
from jupyter_mlops.domain.errors import InvalidRequest

T = TypeVar("T", bound="Message")

_FIELD = re.compile(r" - at `\$\.([a-z_]{1,64})")
_MISSING = re.compile(r"Object missing required field `([a-z_]{1,64})`")
_SHOWN_CHARS = 60
FIELDS_MAX = 1_000

Text = str
Integer = Annotated[int, msgspec.Meta(ge=body.INT64_MIN, le=body.INT64_MAX)]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what a client sends; a field without a default is required."""


class Nothing(Message, frozen=True, kw_only=True):
    """A message without fields."""


def from_body(data: bytes, kind: type[T]) -> T:
    """Return the message in a JSON body; an empty body is an empty object."""
    plain = _plain(data, kind)
    return _lenient(data, kind) if plain is None else plain


def _plain(data: bytes, kind: type[T]) -> T | None:
    """Return a message as most are, read in one go; None for one that needs a closer look."""
    if b"\\u" in data or b"\0" in data:
        return None
    try:
        message = cast(T, _decoder(kind).decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if any(getattr(message, name) == "" for name in _required(kind).values()):
        return None
    return message


def _lenient(data: bytes, kind: type[T]) -> T:
    try:
        # Decoded first: bytes would be read as UTF-16 too.
        value = json.loads(data.decode() or "{}", parse_int=_integer)
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8 text.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    except ValueError:
        raise InvalidRequest("Invalid JSON in the body of the request.") from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    body.check_tree(value)
    return _message(value, kind)


def from_query(query: str, kind: type[T]) -> T:
    """Return the message in a query; a field that is a list may be repeated."""
    lists = _lists(kind)
    value: dict[str, Any] = {}
    for name, text in _fields(query):
        body.check_text(text)
        if name in lists:
            value.setdefault(name, []).append(text)
        else:
            value[name] = text
    return _message(value, kind)


def whole(value: float | str | None, name: str, *, least: int | None = None) -> int | None:
    """Return an integer that came as a number or as text; a fraction is cut off, as by MLflow."""
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        raise invalid(name, value) from None
    if not body.INT64_MIN <= number <= body.INT64_MAX or (least is not None and number < least):
        raise invalid(name, value)
    return number


def real(value: float | str, name: str) -> float:
    """Return a float that came as a number, as text, or by name; infinities become finite."""
    try:
        number = float(value)
    except ValueError:
        raise invalid(name, value) from None
    if math.isinf(number):
        # MLflow stores the greatest float instead, and its clients expect it.
        return math.copysign(1.7976931348623157e308, number)
    return number


def invalid(name: str, value: object) -> InvalidRequest:
    """Return the refusal of a value, in the words that MLflow's clients look for."""
    shown = json.dumps(value, default=str)
    if len(shown) > _SHOWN_CHARS:
        shown = f"{shown[:_SHOWN_CHARS]}..."
    return InvalidRequest(f"Invalid value {shown} for parameter '{name}' supplied.", field=name)


def missing(name: str) -> InvalidRequest:
    """Return the refusal of a request that lacks a field."""
    return InvalidRequest(
        f"Missing value for required parameter '{name}'. See the API docs for more information "
        "about request parameters.",
        field=name,
    )


def _message(value: Mapping[str, Any], kind: type[T]) -> T:
    present = {name: item for name, item in value.items() if item is not None}
    for name in _required(kind):
        if present.get(name) in (None, ""):
            raise missing(name)
    try:
        return msgspec.convert(present, kind, strict=False)
    except msgspec.ValidationError as error:
        reason = str(error)
        found = _FIELD.search(reason)
        inner = _MISSING.match(reason)
        if inner is not None:
            raise missing(inner[1]) from None
        if found is not None:
            raise invalid(found[1], present.get(found[1])) from None
        raise InvalidRequest("The request does not have the expected form.") from None


@cache
def _decoder(kind: type[Message]) -> msgspec.json.Decoder[Message]:
    known_only = msgspec.defstruct(
        kind.__name__, [], bases=(kind,), frozen=True, kw_only=True, forbid_unknown_fields=True
    )
    return msgspec.json.Decoder(known_only, strict=False)


@cache
def _required(kind: type[Message]) -> dict[str, str]:
    """Return the fields without a default, with what they are called in Python.

    Made once: msgspec evaluates all annotations to tell them.
    """
    found = (field for field in msgspec.structs.fields(kind) if field.required)
    return {field.encode_name: field.name for field in found}


@cache
def _lists(kind: type[Message]) -> frozenset[str]:
    """Return the fields that are lists."""
    return frozenset(
        field.encode_name
        for field in msgspec.structs.fields(kind)
        if "list" in str(field.type) or "tuple" in str(field.type)
    )


def _fields(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        raise InvalidRequest(f"A query may have at most {FIELDS_MAX} fields.") from None


def _integer(digits: str) -> int:
    if len(digits) > 20 or not body.INT64_MIN <= int(digits) <= body.INT64_MAX:
        raise InvalidRequest("An integer in the body does not fit into 64 bits.")
    return int(digits)
