"""One field of a form, from annotation, value and comment of an assignment together."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import msgspec

from jupyter_mlops.domain.parameter_annotations import Annotation
from jupyter_mlops.domain.parameter_comments import Options
from jupyter_mlops.domain.parameter_literals import Literal, read_literal
from jupyter_mlops.domain.parameter_values import (
    BOUNDLESS,
    Bounds,
    ValueMismatchError,
    check_limits,
    fit,
    type_of_json,
)
from jupyter_mlops.domain.parameters import ParameterSpec, ParameterType
from jupyter_mlops.secret_names import Holder, is_secret_name

_NUMERIC = frozenset({"int", "float"})
_DATES = frozenset({"date", "datetime"})
# JSON writes these as lists or text, so a field of type json would hand back something else.
_BEYOND_JSON = frozenset({"tuple", "set", "date", "datetime"})
_HOLDERS: dict[ParameterType, Holder] = {
    "str": "text",
    "json": "unknown",
    "none": "unknown",
    "list": "container",
    "tuple": "container",
    "set": "container",
    "dict": "container",
}


@dataclass(frozen=True)
class Declaration:
    """An assignment of a parameters cell, its parts understood one by one."""

    key: str
    annotation: Annotation
    value: ast.expr | None
    options: Options
    text: str


def declare(declaration: Declaration) -> tuple[ParameterSpec, list[str]]:
    """Return the spec of one parameter, and what contradicts itself in its declaration."""
    literal = (
        Literal("none", None, known=False)
        if declaration.value is None
        else read_literal(declaration.value)
    )
    kind = _type(declaration, literal)
    if _is_secret(declaration, kind):
        return _secret(declaration, literal, kind)
    choices, problems = _choices(declaration, kind)
    bounds, more = _bounds(declaration, kind)
    problems += more
    hidden = declaration.value is not None and _holds_secret(declaration.value)
    if hidden:
        problems.append("its value holds a password or key; make that a parameter of its own")
    spec = ParameterSpec(
        key=declaration.key,
        type=kind,
        default=None,
        default_known=False,
        source="" if hidden else declaration.text,
        help=declaration.options.help or declaration.annotation.help,
        required=declaration.value is None,
        nullable=_nullable(declaration, literal),
        secret=False,
        choices=choices,
        **bounds._asdict(),
    )
    if hidden or not literal.known:
        return spec, problems
    spec, more = _with_default(spec, literal)
    return spec, problems + more


def _type(declaration: Declaration, literal: Literal) -> ParameterType:
    declared = declaration.annotation.type
    if declared is not None and declared != "none":
        return declared
    if literal.type != "none":
        return literal.type
    # Nothing but None is known: choices of one kind say more.
    types = {type_of_json(choice) for choice in declaration.options.choices or []}
    return types.pop() if len(types) == 1 else "json"


def _nullable(declaration: Declaration, literal: Literal) -> bool:
    is_none = declaration.value is not None and literal.type == "none"
    return declaration.annotation.nullable or is_none


def _is_secret(declaration: Declaration, kind: ParameterType) -> bool:
    if declaration.options.secret is not None:
        return declaration.options.secret
    if declaration.annotation.secret:
        return True
    return is_secret_name(declaration.key, _HOLDERS.get(kind, "other"))


def _secret(
    declaration: Declaration, literal: Literal, kind: ParameterType
) -> tuple[ParameterSpec, list[str]]:
    problems = []
    if kind not in ("str", "json", "none"):
        problems.append("it is a secret, and a secret reaches the notebook as text")
    if isinstance(declaration.value, ast.Constant) and literal.default not in (None, ""):
        problems.append(
            "the secret is written in the notebook, where everybody who opens it can read it;"
            " leave it empty and give it with each run, or write # {secret: false} if it is none"
        )
    spec = ParameterSpec(
        key=declaration.key,
        type="str",
        default=None,
        default_known=False,
        source="",
        help=declaration.options.help or declaration.annotation.help,
        required=declaration.value is None,
        nullable=_nullable(declaration, literal),
        secret=True,
        choices=None,
        **BOUNDLESS._asdict(),
    )
    return spec, problems


def _choices(declaration: Declaration, kind: ParameterType) -> tuple[list[Any] | None, list[str]]:
    given = declaration.options.choices or declaration.annotation.choices
    if given is None:
        return None, []
    try:
        fitted = [fit(kind, choice) for choice in given if choice is not None]
    except ValueMismatchError:
        return None, [f"its choices are left out, for not all are of its type {kind}"]
    return fitted or None, []


def _bounds(declaration: Declaration, kind: ParameterType) -> tuple[Bounds, list[str]]:
    options, bounds = declaration.options, declaration.annotation.bounds
    if options.minimum is not None:
        bounds = bounds._replace(minimum=options.minimum, exclusive_minimum=False)
    if options.maximum is not None:
        bounds = bounds._replace(maximum=options.maximum, exclusive_maximum=False)
    if bounds != BOUNDLESS and kind not in _NUMERIC:
        return BOUNDLESS, [f"min and max are for numbers, it is of type {kind}"]
    if bounds.leave_nothing:
        return BOUNDLESS, ["its min and max leave no number between them, so neither counts"]
    return bounds, []


def _with_default(spec: ParameterSpec, literal: Literal) -> tuple[ParameterSpec, list[str]]:
    """Return the spec with its default as JSON, or without and what is wrong with the written one."""
    if literal.type == "none":
        return msgspec.structs.replace(spec, default_known=True), []
    if spec.type == "json" and literal.type in _BEYOND_JSON:
        return spec, []
    try:
        if literal.type in _DATES and spec.type not in _DATES:
            raise ValueMismatchError(f"must be of type {spec.type}")
        value = fit(spec.type, literal.default)
        check_limits(value, spec.choices, spec.bounds)
    except ValueMismatchError as mismatch:
        return spec, [f"its default does not fit, it {mismatch}"]
    return msgspec.structs.replace(spec, default=value, default_known=True), []


def _holds_secret(node: ast.expr) -> bool:
    """Tell whether text stands under a secret name: in a dict, or as a keyword of a call."""
    for part in ast.walk(node):
        match part:
            case ast.keyword(arg=str() as name, value=ast.Constant(value=str() as text)):
                pairs = [(name, text)]
            case ast.Dict(keys=keys, values=values):
                pairs = [
                    (key.value, value.value)
                    for key, value in zip(keys, values, strict=True)
                    if isinstance(key, ast.Constant)
                    and isinstance(value, ast.Constant)
                    and isinstance(key.value, str)
                    and isinstance(value.value, str)
                ]
            case _:
                continue
        if any(text and is_secret_name(name) for name, text in pairs):
            return True
    return False
