"""Bytes of a request become one struct here, strictly (security row S7)."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from jupyter_mlops.domain.errors import InvalidRequest

DEPTH_MAX = 32
INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)

T = TypeVar("T")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELD = re.compile(r" - at `\$\.([a-z_]{1,64})(?:[.\[][^`]*)?`$")
_MISSING = re.compile(r"Object missing required field `([a-z_]{1,64})`")
_EXPECTED = re.compile(r"Expected `([a-z0-9 |]{1,80})`(?:, got `([a-z0-9]{1,20})`)?")
_BOUND = re.compile(r"Expected `[a-z]{1,10}` of length (<=|>=) ([0-9]{1,9})")
_RANGE = re.compile(r"Expected `(?:int|float)` (<=|>=) (-?[0-9]{1,19})")
_AT = {"<=": "at most", ">=": "at least"}


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object in ``data``; InvalidRequest for anything that is not plain JSON.

    Refused: other than UTF-8, a top value that is no object, repeated keys, NaN and Infinity,
    numbers outside int64 or float64, nesting over 32, NUL and lone surrogates in text.
    """
    try:
        text = data.decode()
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except UnicodeDecodeError:
        raise InvalidRequest("The body is not UTF-8 text.") from None
    except RecursionError:
        raise InvalidRequest(_TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise InvalidRequest(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno})."
        ) from None
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.")
    check_tree(value)
    return value


def parse(data: bytes, kind: type[T]) -> T:
    """Return the struct ``kind`` that the JSON object in ``data`` describes."""
    return to_struct(parse_object(data), kind)


def to_struct(value: dict[str, Any], kind: type[T]) -> T:
    """Return the struct ``kind`` made of plain values; InvalidRequest names the field to blame."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


_TOO_DEEP = f"The body is nested deeper than {DEPTH_MAX} levels."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidRequest("An object in the body has the same key twice.")
    return members


def _constant(name: str) -> NoReturn:
    raise InvalidRequest("NaN and Infinity are not JSON; use their names as strings for metrics.")


def _integer(digits: str) -> int:
    # The length first: Python refuses, or takes long for, thousands of digits.
    if len(digits) > 20 or not INT64_MIN <= int(digits) <= INT64_MAX:
        raise InvalidRequest("An integer in the body does not fit into 64 bits.")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise InvalidRequest("A number in the body is too large.")
    return value


def check_text(text: str) -> None:
    """Raise InvalidRequest for text that no store can hold: NUL, or half a character."""
    if "\0" in text or (not text.isascii() and _SURROGATE.search(text)):
        raise InvalidRequest("Text may not hold NUL characters or lone surrogates.")


def check_tree(top: dict[str, Any]) -> None:
    """Raise InvalidRequest for nesting over the bound, or text that no store can hold."""
    level: list[Any] = [top]
    for _ in range(DEPTH_MAX):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                for key in value:
                    check_text(key)
                below.extend(value.values())
            elif isinstance(value, list):
                below.extend(value)
            elif isinstance(value, str):
                check_text(value)
        if not below:
            return
        level = below
    if any(isinstance(value, (dict, list)) for value in level):
        raise InvalidRequest(_TOO_DEEP)
    for value in level:
        if isinstance(value, str):
            check_text(value)


def _refusal(reason: str) -> InvalidRequest:
    # msgspec's own message may quote the input, which must never come back (row S10): only what
    # it says about our own names and types is passed on.
    missing = _MISSING.match(reason)
    if missing:
        return InvalidRequest(f"The field {missing[1]} is required.", field=missing[1])
    if reason.startswith("Object contains unknown field"):
        return InvalidRequest("A field was sent that this operation does not know.")
    found = _FIELD.search(reason)
    name = found[1] if found else None
    about = f"The field {name}" if name else "A value"
    if bound := _BOUND.match(reason):
        return InvalidRequest(
            f"{about} must have {_AT[bound[1]]} {bound[2]} items or characters.", field=name
        )
    if limits := _RANGE.match(reason):
        return InvalidRequest(f"{about} must be {_AT[limits[1]]} {limits[2]}.", field=name)
    if expected := _EXPECTED.match(reason):
        return InvalidRequest(f"{about} must be of type {expected[1]}.", field=name)
    return InvalidRequest(f"{about} is not one of the allowed values.", field=name)
