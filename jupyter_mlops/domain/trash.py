"""The trash: what emptying it did, and what is left to do."""

from __future__ import annotations

import msgspec


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """Runs that are gone for good, and the bytes of their files that came free.

    Files that another run names too stay, and do not count. ``remaining`` is how many runs the
    trash still holds: a long one is emptied by several requests.
    """

    runs: int
    bytes_freed: int
    remaining: int
