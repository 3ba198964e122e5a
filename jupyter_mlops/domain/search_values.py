"""The value of a comparison: from its token, by what the compared thing takes."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.search_names import Name
from jupyter_mlops.domain.search_nouns import MODEL_STATUSES, ValueKind
from jupyter_mlops.domain.search_terms import Value
from jupyter_mlops.domain.search_tokens import Token, unquoted

LIST_MAX_VALUES = 5_000
_NUMBER_MAX_CHARS = 400
_INT64 = range(-(2**63), 2**63)
_INT64_MAX_DIGITS = 19
_DIGITS = frozenset("0123456789")
# Lists are written as Python writes tuples of str: MLflow reads them that way.
_ESCAPES = {"\\": "\\", "'": "'", '"': '"', "n": "\n", "r": "\r", "t": "\t"}


def read_value(token: Token, kind: ValueKind, name: Name, *, bare: bool) -> Value:
    """Return the single value that ``token`` stands for; ``bare`` allows text without quotes."""
    if kind == "metric":
        return _float(token, "metric")
    if kind == "time":
        whole = _int(token.source) if token.kind == "number" else None
        return _float(token, f"numeric attribute: {name.key}") if whole is None else whole
    if kind == "integer":
        if token.kind != "number":
            raise InvalidRequest(f"Expected numeric value type for numeric attribute: {name.key}.")
        return _attribute_int(token.source, name)
    if kind == "integer or text":
        text = token.source if token.kind == "number" else _text(token, name, bare=False)
        return _attribute_int(text, name)
    text = _text(token, name, bare=bare)
    return _checked(text, kind)


def read_list(tokens: Sequence[Token], kind: ValueKind) -> tuple[str, ...] | tuple[int, ...]:
    """Return the values between the parentheses of a list: quoted strings with commas between."""
    if not tokens:
        raise InvalidRequest(
            "While parsing a list in the query, expected a non-empty list of string values, "
            "but got empty list."
        )
    if len(tokens) > 2 * LIST_MAX_VALUES:
        raise InvalidRequest(f"A list in the query has at most {LIST_MAX_VALUES} values.")
    items = tokens[::2]
    if any(token.kind != "," for token in tokens[1::2]):
        raise _ill_formed()
    if not all(token.is_string for token in items):
        raise InvalidRequest(
            "While parsing a list in the query, expected string value, punctuation, or "
            "whitespace, but got different type in list."
        )
    texts = [_unescaped(token.source) for token in items]
    if kind == "experiment id":
        return tuple(_experiment_id(text) for text in texts)
    for text in texts:
        _checked(text, kind)
    return tuple(texts)


def _checked(text: str, kind: ValueKind) -> str | int:
    if kind == "experiment id":
        return _experiment_id(text)
    if kind == "model status" and text not in MODEL_STATUSES:
        raise InvalidRequest("Unknown model status in filter.")
    return text


def _text(token: Token, name: Name, *, bare: bool) -> str:
    if token.is_string:
        return unquoted(token.source, "'\"")
    if bare and token.word != "AND" and token.is_bare:
        return token.source
    if token.kind == "name":
        raise InvalidRequest(
            "Parameter value is either not quoted or unidentified quote types used for string "
            "value. Use either single or double quotes."
        )
    raise _not_quoted(name)


def _not_quoted(name: Name) -> InvalidRequest:
    expected = {
        "attribute": "attributes",
        "dataset": "dataset attributes",
        "tag": "tag (e.g. 'my-value')",
        "parameter": "parameter (e.g. 'my-value')",
    }
    return InvalidRequest(f"Expected a quoted string value for {expected[name.entity]}.")


def _float(token: Token, expected: str) -> float:
    if token.kind != "number" or len(token.source) > _NUMBER_MAX_CHARS:
        raise InvalidRequest(f"Expected numeric value type for {expected}.")
    return float(token.source)


def _int(text: str) -> int | None:
    """Return the integer that ``text`` writes in decimal digits, if databases can hold it."""
    text = text.strip()
    digits = text[1:] if text[:1] in {"+", "-"} else text
    if not digits or len(digits) > _INT64_MAX_DIGITS or not _DIGITS.issuperset(digits):
        return None
    value = int(text)
    return value if value in _INT64 else None


def _attribute_int(text: str, name: Name) -> int:
    value = _int(text)
    if value is None:
        raise InvalidRequest(f"Invalid value for numeric attribute '{name.key}'.")
    return value


def _experiment_id(text: str) -> int:
    value = _int(text)
    if value is None:
        raise InvalidRequest("Invalid experiment ID. Experiment ID must be a valid integer.")
    return value


def _unescaped(literal: str) -> str:
    quote, inside = literal[0], iter(literal[1:-1])
    chars = []
    for char in inside:
        if char == quote or char in "\r\n":
            raise _ill_formed()
        if char == "\\":
            escape = next(inside, "")
            if escape not in _ESCAPES:
                raise _ill_formed()
            chars.append(_ESCAPES[escape])
        else:
            chars.append(char)
    return "".join(chars)


def _ill_formed() -> InvalidRequest:
    return InvalidRequest(
        "While parsing a list in the query, expected a non-empty list of string values, "
        "but got ill-formed list."
    )
