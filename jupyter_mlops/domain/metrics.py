"""A metric: a number over steps; its points, its latest value and its thinned history."""

from __future__ import annotations

import math
from typing import Literal

import msgspec

# What one answer holds; a longer series is thinned to it.
HISTORY_MAX_POINTS = 5_000

NamedFloat = Literal["NaN", "Infinity", "-Infinity"]
WireFloat = float | NamedFloat

_NAMED: dict[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def to_wire(value: float) -> WireFloat:
    """Return ``value`` as it travels in JSON: a float, or the name of a non-finite number."""
    if math.isfinite(value):
        return value
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def from_wire(value: WireFloat) -> float:
    """Return the float that a JSON number or the name of a non-finite number stands for."""
    return _NAMED[value] if isinstance(value, str) else float(value)


class Point(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One logged value; ``timestamp`` in milliseconds since the epoch."""

    key: str
    value: float
    step: int
    timestamp: int


class LatestMetric(msgspec.Struct, frozen=True, kw_only=True):
    """The latest value of a metric (greatest step, then timestamp, then value) and the extent of its series."""

    key: str
    value: WireFloat
    step: int
    timestamp: int
    count: int
    minimum: WireFloat | None
    maximum: WireFloat | None


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A metric over steps, in columns of equal length.

    When ``thinned``, each entry stands for a bucket of consecutive points: ``values`` holds the
    last, ``minimum`` and ``maximum`` the extremes of the finite values in it.
    """

    key: str
    steps: list[int]
    timestamps: list[int]
    values: list[WireFloat]
    minimum: list[WireFloat | None]
    maximum: list[WireFloat | None]
    count: int
    thinned: bool
