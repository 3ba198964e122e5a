"""How long a request says that its body is."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders

# More digits than any body has bytes; a longer number is as far beyond every limit.
_DIGITS = 16


def declared_length(headers: HTTPHeaders) -> int | None:
    """Return a declared length in bytes; what is not a plausible number is left to Tornado."""
    length = headers.get("Content-Length")
    if length is None or not length.isdecimal():
        return None
    return int(length[:_DIGITS])
