"""A run that cannot be attended to is tried again, less and less often."""

from __future__ import annotations

import time

import pytest

from jupyter_mlops.services import troubles
from jupyter_mlops.services.troubles import Troubles


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)

    def pause_of(self, known: Troubles, run_id: str) -> float:
        """Return how long a run is left alone from now on."""
        begun = self.now
        while known.pauses(run_id):
            self.now += 0.25
        return self.now - begun


def test_the_pause_of_a_troubled_run_grows_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, known = Clock(monkeypatch), Troubles()
    pauses = []
    for _ in range(8):
        known.note("a")
        pauses.append(clock.pause_of(known, "a"))
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert troubles.LONGEST_PAUSE_SECONDS < 10


def test_only_the_first_trouble_of_a_run_is_news_until_it_is_over() -> None:
    known = Troubles()
    assert known.note("a")
    assert not known.note("a")
    assert known.note("b")
    known.forget("a")
    assert not known.pauses("a")
    assert known.note("a")
