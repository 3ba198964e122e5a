"""The message of a request: how long it says that it is, and what of it is kept in memory."""

from __future__ import annotations

from tornado.httputil import HTTPHeaders

# More digits than any body has bytes; a longer number is as far beyond every limit.
_DIGITS = 16


def declared_length(headers: HTTPHeaders) -> int | None:
    """Return a declared length in bytes; what is not a plausible number is left to Tornado."""
    length = headers.get("Content-Length")
    if length is None or not length.isdecimal():
        return None
    # Zeros before it would hide how much comes.
    return int(length.lstrip("0")[:_DIGITS] or "0")


class Message:
    """Collects what arrives, but never more than one piece over ``most`` bytes, whatever was declared."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._data = bytearray()

    def add(self, piece: bytes) -> None:
        """Add a piece, unless there is too much already."""
        if len(self._data) <= self._most:
            self._data += piece

    def __bytes__(self) -> bytes:
        """What arrived; more than ``most`` bytes if it was too much."""
        return bytes(self._data)
