"""The trash: what is in it, what emptying it did, and what is left to do."""

from __future__ import annotations

import msgspec


class TrashContents(msgspec.Struct, frozen=True, kw_only=True):
    """How much is in the trash: what was deleted, and not for good."""

    runs: int
    experiments: int
    logged_models: int


class Purged(msgspec.Struct, frozen=True, kw_only=True):
    """What is gone for good, and the bytes of its files that came free.

    Files that another run names too stay, and do not count. ``logged_models`` are those that went by
    themselves, not with their run. ``remaining`` is how many runs the trash still holds: a long one is
    emptied by several requests.
    """

    runs: int
    experiments: int
    logged_models: int
    bytes_freed: int
    remaining: int
