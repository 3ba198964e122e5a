"""The value of an assignment in a parameters cell, found without running anything."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from jupyter_mlops.domain.parameter_values import INT_MAX, INT_MIN, ValueMismatchError, check_json
from jupyter_mlops.domain.parameters import ParameterType

# A repetition ([0] * 100) stays code beyond this: a few letters must not make a form of megabytes.
REPEATED_MAX = 256
SHIFT_MAX = 63


class Literal(NamedTuple):
    """What is known of a written value: its type and, when ``known``, its JSON form."""

    type: ParameterType
    default: Any
    known: bool


class _NotLiteralError(Exception):
    """The expression is not a constant that JSON can carry faithfully."""


def read_literal(node: ast.expr) -> Literal:
    """Return type and JSON form of an expression; ``known`` is false for all but constants."""
    try:
        value = _evaluate(node)
        kind = _type_of(value)
        return Literal(kind, _json_form(value), known=True)
    except (_NotLiteralError, ValueMismatchError, ArithmeticError, ValueError, TypeError):
        return Literal(_type_of_expression(node), None, known=False)
    except RecursionError:
        return Literal("json", None, known=False)


def _evaluate(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() | None as value):
            return value
        case ast.List(elts=items):
            return [_evaluate(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_evaluate(item) for item in items)
        case ast.Set(elts=items):
            return _Set(_evaluate(item) for item in items)
        case ast.Dict(keys=keys, values=values):
            if any(key is None for key in keys):
                raise _NotLiteralError
            pairs = zip(keys, values, strict=True)
            return {_evaluate(key): _evaluate(value) for key, value in pairs if key is not None}
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(_evaluate(operand))
            return -number if isinstance(sign, ast.USub) else number
        case ast.BinOp(left=left, op=op, right=right):
            return _arithmetic(type(op), _evaluate(left), _evaluate(right))
        case ast.Call(func=function, args=args, keywords=keywords):
            return _call(_dotted(function), args, keywords)
    raise _NotLiteralError


class _Set(list[Any]):
    """The items of a set in the order in which they are written."""


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _NotLiteralError
    return value


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
}


def _arithmetic(op: type[ast.operator], left: Any, right: Any) -> Any:
    if op is ast.Mult and type(left) is list and isinstance(right, int):
        if _weight(left) * right > REPEATED_MAX:
            raise _NotLiteralError
        return left * right
    if op not in _OPERATORS:
        raise _NotLiteralError
    _number(left), _number(right)
    # Bounded before computing: 9**9**9 must not cost anything.
    if op in (ast.Pow, ast.LShift) and abs(right) > SHIFT_MAX:
        raise _NotLiteralError
    result = _OPERATORS[op](left, right)
    if isinstance(result, int) and not INT_MIN <= result <= INT_MAX:
        raise _NotLiteralError
    return _number(result)


def _weight(value: Any) -> int:
    """Return how much a value is: its items, all the way down, and the letters of its text."""
    match value:
        case str():
            return 1 + len(value)
        case dict():
            return 1 + sum(_weight(key) + _weight(item) for key, item in value.items())
        case list() | tuple():
            return 1 + sum(map(_weight, value))
    return 1


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case ast.Attribute(value=ast.Attribute(attr=owner), attr=name):
            return f"{owner}.{name}"
    return ""


def _call(name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> Any:
    given = [_evaluate(arg) for arg in args]
    named = {word.arg: _evaluate(word.value) for word in keywords if word.arg is not None}
    if len(named) != len(keywords):
        raise _NotLiteralError
    if name in ("int", "float") and len(given) == 1 and not named:
        return (int if name == "int" else float)(_number(given[0]))
    if name == "dict" and not given:
        return named
    if name in ("list", "tuple", "set") and not given and not named:
        return {"list": [], "tuple": (), "set": _Set()}[name]
    reader = _DATES.get(name)
    if reader is None:
        raise _NotLiteralError
    return reader(*given, **named)


_DATES: dict[str, Callable[..., date]] = {
    "date": date,
    "datetime.date": date,
    "dt.date": date,
    "date.fromisoformat": date.fromisoformat,
    "datetime": datetime,
    "datetime.datetime": datetime,
    "dt.datetime": datetime,
    "datetime.fromisoformat": datetime.fromisoformat,
}


def _type_of(value: Any) -> ParameterType:
    names: dict[type, ParameterType] = {
        bool: "bool",
        int: "int",
        float: "float",
        str: "str",
        list: "list",
        tuple: "tuple",
        _Set: "set",
        dict: "dict",
        datetime: "datetime",
        date: "date",
        type(None): "none",
    }
    return names[type(value)]


def _json_form(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return _checked([_plain(item) for item in value])
    return _checked(_plain(value))


def _plain(value: Any) -> Any:
    # What JSON would change (a tuple, set or date inside a list, a key that is no text)
    # stays code: a form that showed it as JSON would hand back something else.
    if isinstance(value, (tuple, _Set, date)):
        raise _NotLiteralError
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise _NotLiteralError
        return {key: _plain(item) for key, item in value.items()}
    return value


def _checked(value: Any) -> Any:
    check_json(value)
    return value


_CALLED: dict[str, ParameterType] = {
    "bool": "bool",
    "int": "int",
    "len": "int",
    "float": "float",
    "str": "str",
    "list": "list",
    "sorted": "list",
    "tuple": "tuple",
    "set": "set",
    "dict": "dict",
    "date": "date",
    "date.today": "date",
    "datetime": "datetime",
    "datetime.now": "datetime",
    "datetime.utcnow": "datetime",
    "datetime.today": "datetime",
}


def _type_of_expression(node: ast.expr) -> ParameterType:
    """Return the type that an expression surely has when it runs, else ``json``."""
    match node:
        case ast.Constant(value=bool()):
            return "bool"
        case ast.Constant(value=int()):
            return "int"
        case ast.Constant(value=float()):
            return "float"
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _type_of_expression(operand)
        case ast.UnaryOp(op=ast.Not()) | ast.Compare():
            return "bool"
        case ast.JoinedStr() | ast.Constant(value=str()):
            return "str"
        case ast.List() | ast.ListComp() | ast.BinOp(left=ast.List(), op=ast.Mult()):
            return "list"
        case ast.Tuple():
            return "tuple"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Call(func=function):
            name = _dotted(function)
            return _CALLED.get(name, "json")
        case ast.Attribute(attr="inf" | "nan" | "pi" | "e", value=ast.Name(id="math" | "np")):
            return "float"
    return "json"
