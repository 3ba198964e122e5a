"""The lab extension: what each page loads, and everything that it may load."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figures import Figure
from scripts.bundle_size import LABEXTENSION, LIMITS_BYTES, measure


def figures() -> Iterator[Figure]:
    """Yield the sizes that have a limit."""
    sizes = measure(LABEXTENSION)
    for name, limit in LIMITS_BYTES.items():
        yield Figure(f"lab extension: {name}", sizes[name] / 1000, "KB", limit / 1000)
