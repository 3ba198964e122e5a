"""Soundness: what a check of a home looked at, and what it found wrong."""

from __future__ import annotations

import msgspec


class NamedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A stored file by its digest, and one of the places that name it: whose, and where there."""

    digest: str
    holder: str
    path: str


class Soundness(msgspec.Struct, frozen=True, kw_only=True):
    """What was checked, and each fault as a sentence; none means that everything is as stored.

    ``bytes`` is the size of the stored files that were read.
    """

    runs: int
    files: int
    bytes: int
    faults: list[str]
