"""Which parameter names stand for secrets when nothing else is declared (security row S26)."""

from __future__ import annotations

import re
from typing import Literal

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

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+")

Holder = Literal["text", "unknown", "container", "other"]


def is_secret_name(name: str, holder: Holder = "text") -> bool:
    """Tell whether a parameter of this name holds a secret.

    Whole words of the name are compared, split at ``_``, digits and capitals: ``api_key``,
    ``apiKey`` and ``DB_PASSWORD2`` are secrets, ``keyword``, ``tokenizer`` and ``author`` are not.
    Numbers and booleans (``holder="other"``) never are: ``key_size = 256``.
    """
    if holder == "other":
        return False
    words = {word.lower() for word in _WORD.findall(name)}
    if words & _ALWAYS:
        return True
    return holder != "container" and bool(words & _WHEN_TEXT)
