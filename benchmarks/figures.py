"""What a figure is: something measured, its peer, and the goal; and how figures are printed."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row: ``value`` is ours, ``peer`` theirs in the same unit, or None without a peer.

    ``goal`` bounds the ratio to the peer, or the value itself where there is none.
    """

    name: str
    value: float
    unit: str
    goal: float
    peer: float | None = None
    peer_name: str = ""
    note: str = ""

    @property
    def judged(self) -> float:
        """The number that the goal bounds."""
        return self.value if self.peer is None else self.value / self.peer

    @property
    def reached(self) -> bool:
        """Whether the goal is reached."""
        return self.judged <= self.goal


def show(figure: Figure) -> None:
    """Print one row as it arrives."""
    peer = "" if figure.peer is None else f"{figure.peer:10.3f} {figure.peer_name}"
    judged = f"{figure.judged:8.3f} x" if figure.peer is not None else " " * 10
    goal = f"<= {figure.goal:g}" + (" x" if figure.peer is not None else f" {figure.unit}")
    word = "reached" if figure.reached else "MISSED"
    sys.stdout.write(
        f"{figure.name:58} {figure.value:10.3f} {figure.unit:5} {peer:36} {judged} {goal:14} {word}"
        f"{'  ' + figure.note if figure.note else ''}\n"
    )
    sys.stdout.flush()


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def in_turn(
    ours: Callable[[], float], theirs: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Measure both alternately, so that a slow moment of the machine meets both; medians."""
    mine, peers = [], []
    for _ in range(rounds):
        mine.append(ours())
        peers.append(theirs())
    return statistics.median(mine), statistics.median(peers)
