"""Page tokens: where the next page begins, as text that means nothing to a client."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from jupyter_mlops.domain.errors import InvalidRequest

_OFFSET = re.compile(rb"o([0-9]{1,15})(?::([0-9a-f]{16}))?")


def after(offset: int, bound: bytes = b"") -> str:
    """Return the token of a page that begins at an offset, of the search that ``bound`` stands for."""
    text = f"o{offset}:{_mark(bound)}" if bound else f"o{offset}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def offset(token: str, bound: bytes = b"") -> int:
    """Return the offset of a token, 0 for none.

    InvalidRequest for what was never handed out, or was for another search than ``bound``.
    """
    if not token:
        return 0
    try:
        found = _OFFSET.fullmatch(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError):
        found = None
    if found is None:
        raise InvalidRequest("Invalid page token, could not be decoded.", field="page_token")
    if bound and found[2] != _mark(bound).encode():
        raise InvalidRequest(
            "The page token does not belong to this search: it was made for other experiments, "
            "another filter or another order.",
            field="page_token",
        )
    return int(found[1])


def _mark(bound: bytes) -> str:
    return hashlib.sha256(bound).hexdigest()[:16]
