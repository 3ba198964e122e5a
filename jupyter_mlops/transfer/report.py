"""What became of everything: how many were carried, were there before, or were left out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = (
    "experiments",
    "runs",
    "metric values",
    "files",
    "logged models",
    "registered models",
    "model versions",
)


@dataclass(frozen=True)
class Omission:
    """Something that was not carried, or not as it was."""

    what: str
    reason: str


class Report:
    """Counts by kind, and every omission.

    ``in_trash`` is what the source has thrown away, which stays there; ``under_way`` how many runs
    and logged models had not ended, so that there may be more of them to carry.
    """

    def __init__(self) -> None:
        self.carried: Counter[str] = Counter()
        self.known: Counter[str] = Counter()
        self.in_trash: Counter[str] = Counter()
        self.under_way = 0
        self.omissions: list[Omission] = []

    def omit(self, what: str, reason: str) -> None:
        """Note what is not carried, or not whole."""
        self.omissions.append(Omission(what, reason))

    def carried_by_kind(self) -> dict[str, int]:
        """Return how many of each kind were carried."""
        return _in_order(self.carried)

    def as_json(self) -> dict[str, object]:
        """Return everything as plain values."""
        return {
            "carried": self.carried_by_kind(),
            "already_there": _in_order(self.known),
            "left_in_trash": dict(self.in_trash),
            "under_way": self.under_way,
            "not_carried": [{"what": each.what, "reason": each.reason} for each in self.omissions],
        }


def _in_order(counts: Mapping[str, int]) -> dict[str, int]:
    return {kind: counts.get(kind, 0) for kind in KINDS}
