"""Which keys of parameters name secrets when nothing else is declared (security row S26)."""

from __future__ import annotations

import re
from typing import Any, Literal

# Words that name a secret whatever holds it: text, a dict, a tuple of user and password.
_ALWAYS = frozenset(
    [
        "auth",
        "oauth",
        "credential",
        "credentials",
        "dsn",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "passwords",
        "secret",
        "secrets",
        "accesskey",
        "apikey",
        "authkey",
        "authtoken",
        "privatekey",
        "secretkey",
    ]
)
# Words that also name harmless things (``sort_key``, ``first_pass``): secret when text only.
# ``tokens`` is left out on purpose: ``max_tokens`` is a number that people tune.
_WHEN_TEXT = frozenset(["key", "keys", "pass", "pwd", "token"])
# Of these a number may be the value when they come last: ``token``, not ``pad_token_id`` or ``n_keys``.
_WHEN_NUMBER = frozenset(["key", "pass", "pwd", "token"])

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")

Holder = Literal["text", "unknown", "number", "container", "other"]


def is_secret_name(key: str, holder: Holder = "text") -> bool:
    """Tell whether a parameter of this key holds a secret.

    Whole words of the key are compared, split at ``_``, digits and capitals: ``api_key``,
    ``apiKey`` and ``DB_PASSWORD2`` are secrets, ``keyword``, ``tokenizer`` and ``author`` are not.
    What a notebook declares to be a number or a boolean (``holder="other"``) never is:
    ``key_size = 256``. A ``"number"`` is one that was only given as such: ``password``, ``1234``.
    """
    if holder == "other":
        return False
    words = [word.lower() for word in _WORD.findall(key)]
    if not _ALWAYS.isdisjoint(words):
        return True
    if holder == "number":
        return bool(words) and words[-1] in _WHEN_NUMBER
    return holder != "container" and not _WHEN_TEXT.isdisjoint(words)


def holder_of(value: Any) -> Holder:
    """Return what holds a value that was given for a parameter of which no type is known."""
    if value is None or isinstance(value, bool):
        return "other"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, (int, float)) else "container"
