"""A parameter of a notebook: what the form shows and what the server accepts for it."""

from __future__ import annotations

import difflib
import keyword
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import msgspec

from jupyter_mlops.domain.errors import InvalidParameter
from jupyter_mlops.domain.names import KEY_MAX_CHARS, has_hidden
from jupyter_mlops.domain.parameter_values import (
    Bounds,
    ValueMismatchError,
    check_json,
    check_limits,
    check_size,
    fit,
    type_of_json,
)
from jupyter_mlops.secret_names import holder_of, is_secret_name

SECRET_MAX_BYTES = 32 * 1024
DEFAULT_MAX_BYTES = 4 * 1024
SHOWN_MAX_CHARS = 80

ParameterType = Literal[
    "bool",
    "int",
    "float",
    "str",
    "list",
    "tuple",
    "set",
    "dict",
    "date",
    "datetime",
    "none",
    "json",
]


class ParameterSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One assignment of the parameters cell.

    ``default`` is the JSON form of the value (dates as ISO 8601 text, tuples and sets as lists);
    it is null and means nothing unless ``default_known``: a required parameter has none, and
    ``source`` shows one that is an expression. A secret never has a default. ``minimum`` and
    ``maximum`` are allowed themselves, unless exclusive.
    """

    key: str
    type: ParameterType
    default: Any
    default_known: bool
    source: str
    help: str
    required: bool
    nullable: bool
    secret: bool
    choices: list[Any] | None
    minimum: float | None
    maximum: float | None
    exclusive_minimum: bool
    exclusive_maximum: bool

    @property
    def bounds(self) -> Bounds:
        """Between what a value lies."""
        return Bounds(self.minimum, self.maximum, self.exclusive_minimum, self.exclusive_maximum)


class BoundParameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter with the checked value that a run gets; ``value`` is in its JSON form."""

    key: str
    type: ParameterType
    value: Any
    secret: bool


def bind(
    specs: list[ParameterSpec], given: Mapping[str, Any], *, strict: bool = True
) -> list[BoundParameter]:
    """Check the values given for a run and return them with their types, in the order given.

    Only what was given is returned, defaults stay in the notebook; a secret comes back with its
    value in clear text, to be passed by environment only. Text is read as the type says.
    With ``strict`` false (a notebook without a parameters cell, or in another language) any
    identifier is taken with any JSON value. Raises InvalidParameter that names it;
    messages never repeat a value.
    """
    known = {spec.key: spec for spec in specs}
    bound = []
    for key, value in given.items():
        _check_key(key)
        if key in known:
            # A form sends null for a secret that was left empty.
            if value is not None or not known[key].secret:
                bound.append(_bound(known[key], value))
        elif strict:
            raise InvalidParameter(_unknown(key, list(known)), key=key)
        else:
            bound.append(_inferred(key, value))
    keys = {parameter.key for parameter in bound}
    for spec in specs:
        if spec.required and spec.key not in keys:
            raise InvalidParameter(f"{spec.key} needs a value.", key=spec.key)
    return bound


def known_defaults(specs: list[ParameterSpec], bound: list[BoundParameter]) -> list[BoundParameter]:
    """Return what the notebook itself holds for the parameters that a run was not given.

    Secrets, expressions and values too long to be looked at stay out: the source has them.
    """
    given = {parameter.key for parameter in bound}
    return [
        BoundParameter(key=spec.key, type=spec.type, value=spec.default, secret=False)
        for spec in specs
        if spec.default_known and spec.key not in given and _is_short(spec.default)
    ]


def still_fitting(
    specs: list[ParameterSpec], values: Mapping[str, Any], *, strict: bool
) -> dict[str, Any]:
    """Return those of the values of an earlier run that the notebook takes as it is now.

    ``strict`` as in ``bind``. Nothing is converted: a form would show another value than was used.
    """
    known = {spec.key: spec for spec in specs}
    fitting = {}
    for key, value in values.items():
        spec = known.get(key)
        if spec is None:
            if not strict:
                fitting[key] = value
        elif not spec.secret:
            with suppress(ValueMismatchError):
                fitting[key] = _fitted(spec, value, text=False)
    return fitting


def _is_short(value: Any) -> bool:
    return len(msgspec.json.encode(value)) <= DEFAULT_MAX_BYTES


def _check_key(key: str) -> None:
    # Keys become code: anything but an identifier would be an injection (security row S20).
    good = (
        len(key) <= KEY_MAX_CHARS
        and key.isidentifier()
        and not keyword.iskeyword(key)
        and unicodedata.normalize("NFKC", key) == key
        and not has_hidden(key)
    )
    if not good:
        shown = "".join(char for char in key[:SHOWN_MAX_CHARS] if char.isprintable())
        raise InvalidParameter(
            "The key of a parameter is a Python identifier (letters, digits and _, not a digit"
            f" first, no keyword) of at most {KEY_MAX_CHARS} characters.",
            key=shown,
        )


def _unknown(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    if close:
        return f"This notebook has no such parameter; did you mean {close[0]}?"
    if not known:
        return "The parameters cell of this notebook names no parameters."
    return f"This notebook has no such parameter; it has {', '.join(known)[:500]}."


def _bound(spec: ParameterSpec, value: Any) -> BoundParameter:
    try:
        check_json(value)
        value = _secret_text(value) if spec.secret else _fitted(spec, value)
        check_size(value)
    except ValueMismatchError as mismatch:
        raise InvalidParameter(f"{spec.key} {mismatch}.", key=spec.key) from None
    return BoundParameter(key=spec.key, type=spec.type, value=value, secret=spec.secret)


def _fitted(spec: ParameterSpec, value: Any, *, text: bool = True) -> Any:
    anything = spec.type in ("json", "none")
    if text and spec.nullable and not anything and spec.type != "str" and isinstance(value, str):
        # `-p depth none` on a command line.
        value = None if value.strip().lower() in ("none", "null") else value
    if value is None and (spec.nullable or (anything and spec.choices is None)):
        return None
    value = fit(spec.type, value, text=text)
    check_limits(value, spec.choices, spec.bounds)
    return value


def _secret_text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueMismatchError("is a secret and must be text without NUL")
    if len(value.encode()) > SECRET_MAX_BYTES:
        raise ValueMismatchError(f"is a secret and has at most {SECRET_MAX_BYTES // 1024} kB")
    return value


def _inferred(key: str, value: Any) -> BoundParameter:
    try:
        check_json(value)
        secret = is_secret_name(key, holder_of(value))
        value = _secret_text(value) if secret else value
        check_size(value)
    except ValueMismatchError as mismatch:
        raise InvalidParameter(f"{key} {mismatch}.", key=key) from None
    return BoundParameter(key=key, type=type_of_json(value), value=value, secret=secret)
