"""Parameters typed as text, on a command line or in a magic, in the form that the server takes."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from jupyter_mlops.secret_names import holder_of, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_mlops.client.answers import NotebookInspection

_UNTYPED = frozenset({"json", "none"})
_WORDS = {"True": True, "False": False, "None": None}


def from_text(notebook: NotebookInspection, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the values of the parameters that are given as (key, text).

    Text goes as it is where the notebook says the type, for the server reads it as that type.
    Where no type is known, text that is JSON, or Python's True, False and None, is that value; but
    a secret stays the text that it is: ``0.10`` and ``1e5`` are passwords too.
    """
    typed = {each["key"] for each in notebook["parameters"] if each["type"] not in _UNTYPED}
    secret = {each["key"] for each in notebook["parameters"] if each["secret"]}
    return {key: text if key in typed | secret else _untyped(key, text) for key, text in pairs}


def _untyped(key: str, text: str) -> Any:
    value = _value(text)
    return text if is_secret_name(key, holder_of(value)) else value


def _value(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    # JSON has no NaN, but Python's reader takes it.
    return text if isinstance(value, float) and not math.isfinite(value) else value
