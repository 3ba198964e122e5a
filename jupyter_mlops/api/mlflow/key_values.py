"""A key with its value, the form that tags and parameters have in MLflow's protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec


class KeyValue(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A tag or a parameter."""

    key: str
    value: str


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """A tag or a parameter as it may come in: what is not said is empty."""

    key: str | None = None
    value: str | None = None


def key_values(pairs: Iterable[tuple[str, str]]) -> list[KeyValue]:
    """Return pairs of texts as they go out."""
    return [KeyValue(key=key, value=value) for key, value in pairs]


def mapping(pairs: Sequence[Pair]) -> dict[str, str]:
    """Return what came in by key; of a key that came twice the last value stands."""
    return {pair.key or "": pair.value or "" for pair in pairs}
