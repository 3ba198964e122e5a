"""What user code logs, turned into JSON: numbers of any library, and parameters of any type."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

_DEPTH_MAX = 32
_INTEGER_MAX = 1 << 63


def number(value: Any) -> float:
    """Return ``value`` as a float: a number, or a scalar of NumPy, PyTorch, JAX and the like.

    Raises TypeError for text, OverflowError for an integer beyond a float, and whatever the
    value's own conversion raises.
    """
    if isinstance(value, float):
        return float(value)
    if not isinstance(value, int) and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError("text is not a number")
    return float(value)


def number_text(value: float) -> str:
    """Return the JSON of a float; a non-finite one travels by its name."""
    if math.isfinite(value):
        return repr(value)
    return f'"{_name_of(value)}"'


def step_number(value: Any) -> int:
    """Return a step as a 64-bit integer; TypeError or OverflowError when it is none."""
    if isinstance(value, (str, bytes, bytearray)):
        raise TypeError("text is not a step")
    if not isinstance(value, int) and hasattr(value, "item"):
        value = value.item()
    step = int(value)
    if step != value:
        raise TypeError("a step is an integer")
    if not -_INTEGER_MAX <= step < _INTEGER_MAX:
        raise OverflowError("a step has 64 bits")
    return step


def json_value(value: Any, depth: int = 0) -> Any:
    """Return ``value`` in the nearest JSON form; what JSON cannot hold becomes its ``str``.

    Non-finite numbers become their names, scalars and arrays of NumPy and the like Python values.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return int(value) if -_INTEGER_MAX <= value < _INTEGER_MAX else str(int(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else _name_of(value)
    if depth >= _DEPTH_MAX:
        return text(value)
    if isinstance(value, Mapping):
        return {text(key): json_value(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [json_value(each, depth + 1) for each in value]
    if hasattr(value, "tolist"):
        return json_value(value.tolist(), depth + 1)
    if hasattr(value, "isoformat"):
        return text(value.isoformat())
    return text(value)


def text(value: Any) -> str:
    """Return ``value`` as text that UTF-8 can hold; a lone surrogate becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode()


def json_bytes(value: Any) -> bytes:
    """Return compact JSON of a value made of JSON types only."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _name_of(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
