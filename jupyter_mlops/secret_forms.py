"""How a secret may look in a text: as it is, or in one of its usual disguises; standard library only.

The disguises are base64 (also inside a longer base64 text), URL quoting, and the escapes of
Python, JSON and HTML. Values under 8 characters are left alone: they would match ordinary text.
Kernels, which mask what code logs, and workers, which mask what it shows, must agree on them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# The variable in a kernel's environment that holds the secret parameter whose key is behind this.
SECRET_PREFIX = "JMLOPS_SECRET_"  # noqa: S105 - the name of a variable
# With this begins the token of a kernel, by which code in it logs to the server: it is told from those of
# Jupyter and of a hub, and found in logs.
TOKEN_PREFIX = "jmk_"  # noqa: S105 - what all of them share
MASK = "***"
MINIMUM_CHARS = 8


def secret_forms(values: Iterable[str]) -> list[str]:
    """Return every text to mask, the longest first: a form that contains another one must win."""
    forms: set[str] = set()
    for value in values:
        if len(value) >= MINIMUM_CHARS:
            forms |= _forms(value)
    return sorted(forms, key=lambda form: (-len(form), form))


def _forms(value: str) -> set[str]:
    # Kernels import this module at their start, and few have secrets.
    import html  # noqa: PLC0415
    from urllib.parse import quote, quote_plus  # noqa: PLC0415

    forms = {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        repr(value)[1:-1],
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        html.escape(value),
        html.escape(value, quote=False),
        *_base64_forms(value.encode("utf-8", "surrogatepass")),
    }
    return {form for form in forms if len(form) >= MINIMUM_CHARS}


def _base64_forms(value: bytes) -> set[str]:
    """Return the characters that ``value`` yields in base64 at each of the three alignments."""
    import base64  # noqa: PLC0415

    forms = set()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value).decode("ascii").rstrip("=")
        # Characters that also hold bits of what stands before or after the value are not its own.
        first = (offset * 8 + 5) // 6
        last = (offset + len(value)) * 8 // 6
        inner = encoded[first:last]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")}
    return forms
