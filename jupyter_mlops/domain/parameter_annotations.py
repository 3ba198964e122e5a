"""What the type annotation of a parameter says: type, null, choices, bounds, help, secrecy."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any

from jupyter_mlops.domain.parameter_literals import read_literal
from jupyter_mlops.domain.parameter_values import BOUNDLESS, Bounds
from jupyter_mlops.domain.parameters import ParameterType

_TYPES: dict[str, ParameterType] = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "str",
    "list": "list",
    "List": "list",
    "Sequence": "list",
    "Iterable": "list",
    "Collection": "list",
    "tuple": "tuple",
    "Tuple": "tuple",
    "set": "set",
    "Set": "set",
    "frozenset": "set",
    "FrozenSet": "set",
    "dict": "dict",
    "Dict": "dict",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "date": "date",
    "datetime": "datetime",
    "Any": "json",
    "object": "json",
    "PositiveInt": "int",
    "NonNegativeInt": "int",
    "PositiveFloat": "float",
    "NonNegativeFloat": "float",
}
_BOUNDS: dict[str, Bounds] = {
    "PositiveInt": Bounds(minimum=1),
    "NonNegativeInt": Bounds(minimum=0),
    "PositiveFloat": Bounds(minimum=0, exclusive_minimum=True),
    "NonNegativeFloat": Bounds(minimum=0),
}
_SECRETS = frozenset({"Secret", "SecretStr", "SecretBytes"})
_TRANSPARENT = frozenset({"Final", "ClassVar", "Required", "NotRequired"})
_NUMBERS = frozenset({"int", "float"})


@dataclass(frozen=True)
class Annotation:
    """What was understood; ``type`` is None for a name that is not known here."""

    type: ParameterType | None = None
    nullable: bool = False
    choices: list[Any] | None = None
    bounds: Bounds = BOUNDLESS
    help: str = ""
    secret: bool = False


UNKNOWN = Annotation()


def read_annotation(node: ast.expr | None) -> Annotation:
    """Return what an annotation says, as far as it is understood; it never raises."""
    if node is None:
        return UNKNOWN
    try:
        return _read(node, quoted=True)
    except RecursionError:
        return UNKNOWN


def _read(node: ast.expr, *, quoted: bool) -> Annotation:
    match node:
        case ast.Constant(value=None):
            return Annotation(type="none", nullable=True)
        case ast.Constant(value=str() as text) if quoted:
            return _read_text(text)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            if name in _SECRETS:
                return Annotation(type="str", secret=True)
            return Annotation(type=_TYPES.get(name), bounds=_BOUNDS.get(name, BOUNDLESS))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _union([_read(left, quoted=quoted), _read(right, quoted=quoted)])
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            arguments = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return _subscript(name, arguments, quoted=quoted)
    return UNKNOWN


def _read_text(text: str) -> Annotation:
    try:
        return _read(ast.parse(text.strip(), mode="eval").body, quoted=False)
    except (SyntaxError, ValueError, MemoryError):
        return UNKNOWN


def _subscript(name: str, arguments: list[ast.expr], *, quoted: bool) -> Annotation:
    if name == "Literal":
        return _choices(arguments)
    if name == "Optional" and len(arguments) == 1:
        return replace(_read(arguments[0], quoted=quoted), nullable=True)
    if name == "Union":
        return _union([_read(argument, quoted=quoted) for argument in arguments])
    if name == "Annotated" and arguments:
        return _annotated(_read(arguments[0], quoted=quoted), arguments[1:])
    if name in _TRANSPARENT and len(arguments) == 1:
        return _read(arguments[0], quoted=quoted)
    if name in _SECRETS:
        return Annotation(type="str", secret=True)
    return Annotation(type=_TYPES.get(name))


def _union(members: list[Annotation]) -> Annotation:
    nullable = any(member.nullable for member in members)
    named = [member for member in members if member.type != "none"]
    if not named:
        return Annotation(type="none", nullable=True)
    if len(named) == 1:
        return replace(named[0], nullable=nullable)
    types = {member.type for member in named}
    secret = any(member.secret for member in named)
    if types <= _NUMBERS:
        return Annotation(type="float", nullable=nullable, secret=secret)
    if len(types) == 1:
        return Annotation(type=named[0].type, nullable=nullable, secret=secret)
    return Annotation(type="json", nullable=nullable, secret=secret)


def _choices(arguments: list[ast.expr]) -> Annotation:
    literals = [read_literal(argument) for argument in arguments]
    if any(not literal.known for literal in literals):
        return UNKNOWN
    nullable = any(literal.type == "none" for literal in literals)
    named = [literal for literal in literals if literal.type != "none"]
    types = {literal.type for literal in named}
    kind: ParameterType = types.pop() if len(types) == 1 else "json"
    return Annotation(
        type=kind, nullable=nullable, choices=[literal.default for literal in named] or None
    )


def _annotated(base: Annotation, metadata: list[ast.expr]) -> Annotation:
    for item in metadata:
        match item:
            case ast.Constant(value=str() as text):
                base = replace(base, help=text)
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                base = _bounded(base, name, item)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in _SECRETS:
                base = replace(base, secret=True)
    return base


def _bounded(base: Annotation, name: str, call: ast.Call) -> Annotation:
    """Read ``Ge(0)``, ``Interval(ge=0, le=1)``, ``Field(gt=0, description=...)`` and the like."""
    if name in _SECRETS:
        return replace(base, secret=True)
    given = {word.arg: read_literal(word.value).default for word in call.keywords}
    if call.args and name in ("Ge", "Gt", "Le", "Lt"):
        given[name.lower()] = read_literal(call.args[0]).default
    bounds = base.bounds
    for bound, value in given.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            continue
        # Of whole numbers the next one is meant, which reads better in a form.
        step = 1 if base.type == "int" and isinstance(value, int) else 0
        match bound:
            case "ge":
                bounds = bounds._replace(minimum=value, exclusive_minimum=False)
            case "gt":
                bounds = bounds._replace(minimum=value + step, exclusive_minimum=not step)
            case "le":
                bounds = bounds._replace(maximum=value, exclusive_maximum=False)
            case "lt":
                bounds = bounds._replace(maximum=value - step, exclusive_maximum=not step)
    base = replace(base, bounds=bounds)
    description = given.get("description") or given.get("help")
    return replace(base, help=description) if isinstance(description, str) else base
