"""A parameter of a notebook: what the form shows and what the server accepts for it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

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
    it is null when ``required`` or when the default is an expression, which ``source`` shows.
    A secret never has a default.
    """

    name: str
    type: ParameterType
    default: Any
    source: str
    help: str
    required: bool
    nullable: bool
    secret: bool
    choices: list[Any] | None
    minimum: float | None
    maximum: float | None


class BoundParameter(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter with the checked value that a run gets; ``value`` is in its JSON form."""

    name: str
    type: ParameterType
    value: Any
    secret: bool
