"""Secrets stay out of what code logs: a kernel knows their values by its environment.

They are replaced before any byte reaches a spool or a staged file. Files that code wrote itself
are recorded as they are.
"""

from __future__ import annotations

import os
from typing import Any

from jupyter_mlops.secret_forms import SECRET_PREFIX, TOKEN_PREFIX, secret_forms

# What the name of a metric, parameter, tag or artifact may hold.
KEY_MASK = "---"
_forms: list[str] = []


def learn_secrets() -> None:
    """Take the secrets of the run from the environment, before code can change it."""
    values = [
        value
        for name, value in os.environ.items()
        if name.startswith(SECRET_PREFIX) or value.startswith(TOKEN_PREFIX)
    ]
    if values:
        _forms[:] = secret_forms(values)


def masked_key(key: str) -> str:
    """Return a key or path without secrets, still a valid one."""
    return _without(key, KEY_MASK)


def masked(value: Any) -> Any:
    """Return a JSON value without secrets in any of its texts, keys and numbers."""
    if not _forms or value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {masked(key): masked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    shown = str(value)
    hidden = _without(shown, "***")
    return value if hidden == shown else hidden


def _without(text: str, mask: str) -> str:
    for form in _forms:
        if form in text:
            text = text.replace(form, mask)
    return text
