"""Which JSON values fit a parameter type, and how text becomes one where the type is clear."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from jupyter_mlops.domain.parameters import ParameterType

VALUE_MAX_BYTES = 256 * 1024
DEPTH_MAX = 32
NUMBER_MAX_CHARS = 400
CHOICES_SHOWN_MAX = 10
CHOICE_SHOWN_CHARS = 40
INT_MIN, INT_MAX = -(2**63), 2**63 - 1

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class ValueMismatchError(Exception):
    """A value does not fit; the text says what would, without repeating the value."""


def check_json(value: object, depth: int = DEPTH_MAX) -> None:
    """Raise ValueMismatchError unless ``value`` is plain JSON: finite, 64 bit, not too deep."""
    if depth < 0:
        raise ValueMismatchError(f"is nested deeper than {DEPTH_MAX} levels")
    match value:
        case None | bool():
            pass
        case int() if not INT_MIN <= value <= INT_MAX:
            raise ValueMismatchError("must be a whole number of at most 64 bits")
        case float() if not math.isfinite(value):
            raise ValueMismatchError("must be a finite number")
        case int() | float():
            pass
        case str():
            _check_text(value)
        case list():
            for item in value:
                check_json(item, depth - 1)
        case dict():
            for key, item in value.items():
                _check_text(key)
                check_json(item, depth - 1)
        case _:
            raise ValueMismatchError("must be a JSON value")


def _check_text(text: object) -> None:
    if not isinstance(text, str):
        raise ValueMismatchError("must be a JSON value, whose keys are text")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueMismatchError("holds half of a surrogate pair, which is no text") from None


def check_size(value: object) -> None:
    """Raise ValueMismatchError when the JSON of a checked value is over 256 kB."""
    if len(json.dumps(value, ensure_ascii=False).encode()) > VALUE_MAX_BYTES:
        raise ValueMismatchError(
            f"is larger than {VALUE_MAX_BYTES // 1024} kB; put large data in a file"
            " and pass its path"
        )


class Bounds(NamedTuple):
    """Between what a number lies; an exclusive bound is itself out of it."""

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False

    @property
    def leave_nothing(self) -> bool:
        """Tell whether no number lies between them."""
        if self.minimum is None or self.maximum is None:
            return False
        if self.exclusive_minimum or self.exclusive_maximum:
            return self.minimum >= self.maximum
        return self.minimum > self.maximum


BOUNDLESS = Bounds()


def check_limits(value: Any, choices: list[Any] | None, bounds: Bounds) -> None:
    """Raise ValueMismatchError unless a value of the right type is among choices and in bounds."""
    if choices is not None and not any(_same(value, choice) for choice in choices):
        shown = [str(choice)[:CHOICE_SHOWN_CHARS] for choice in choices[:CHOICES_SHOWN_MAX]]
        more = ", …" if len(choices) > CHOICES_SHOWN_MAX else ""
        raise ValueMismatchError(f"must be one of: {', '.join(shown)}{more}")
    minimum, maximum, above, below = bounds
    if minimum is not None and (value <= minimum if above else value < minimum):
        raise ValueMismatchError(f"must be {'more than' if above else 'at least'} {minimum:g}")
    if maximum is not None and (value >= maximum if below else value > maximum):
        raise ValueMismatchError(f"must be {'less than' if below else 'at most'} {maximum:g}")


def _same(value: Any, choice: Any) -> bool:
    # True == 1 in Python, but they are two choices.
    return isinstance(value, bool) == isinstance(choice, bool) and bool(value == choice)


def type_of_json(value: Any) -> ParameterType:
    """Return the parameter type of a JSON value for which nothing was declared."""
    match value:
        case None:
            return "none"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case str():
            return "str"
        case list():
            return "list"
    return "dict"


def fit(kind: ParameterType, value: Any, *, text: bool = False) -> Any:
    """Return the JSON form of ``value`` for a parameter type; ValueMismatchError if it is none.

    With ``text``, text is read as the type says: ``"0.1"`` as a float, ``"[1, 2]"`` as a list.
    """
    if kind in ("json", "none"):
        return value
    if text and isinstance(value, str) and kind in _FROM_TEXT:
        value = _FROM_TEXT[kind](value.strip())
    return _FIT[kind](value)


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueMismatchError("must be true or false")


def _int(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueMismatchError("must be a whole number")
    if not INT_MIN <= value <= INT_MAX:
        raise ValueMismatchError("must be a whole number of at most 64 bits")
    return value


def _float(value: Any) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise ValueMismatchError("must be a finite number") from None
    raise ValueMismatchError("must be a number")


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    # 1.10 would arrive as "1.1" and true as "True": a number is not silently made text.
    raise ValueMismatchError("must be text; put quotes around it")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueMismatchError("must be a list, as in [1, 2]")


def _set(value: Any) -> list[Any]:
    items = _list(value)
    if any(isinstance(item, (list, dict)) for item in items):
        raise ValueMismatchError("must be a list of single values, for they become a set")
    return list({(type(item), item): item for item in items}.values())


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueMismatchError('must be an object, as in {"a": 1}')


def _date(value: Any) -> str:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise ValueMismatchError("must be a date, as in 2026-01-31")


def _datetime(value: Any) -> str:
    if isinstance(value, str):
        # Python 3.10 reads an offset but not the letter that stands for UTC.
        written = value[:-1] + "+00:00" if value.endswith(("Z", "z")) else value
        try:
            return datetime.fromisoformat(written).isoformat()
        except ValueError:
            pass
    raise ValueMismatchError("must be a date and time, as in 2026-01-31T14:30")


def _bool_from_text(text: str) -> Any:
    word = text.lower()
    return True if word in _TRUE else False if word in _FALSE else text


def _number_from_text(text: str) -> Any:
    if len(text) > NUMBER_MAX_CHARS:
        return text
    for read in (int, float):
        try:
            number: int | float = read(text)
        except ValueError:
            continue
        if not math.isfinite(number):
            raise ValueMismatchError("must be a finite number")
        return number
    return text


def _json_from_text(text: str) -> Any:
    try:
        value = json.loads(text)
        check_json(value)
    except (ValueError, RecursionError):
        return text
    return value


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "bool": _bool_from_text,
    "int": _number_from_text,
    "float": _number_from_text,
    "list": _json_from_text,
    "tuple": _json_from_text,
    "set": _json_from_text,
    "dict": _json_from_text,
    "date": lambda text: text,
    "datetime": lambda text: text,
}
_FIT: dict[str, Callable[[Any], Any]] = {
    "bool": _bool,
    "int": _int,
    "float": _float,
    "str": _str,
    "list": _list,
    "tuple": _list,
    "set": _set,
    "dict": _dict,
    "date": _date,
    "datetime": _datetime,
}
