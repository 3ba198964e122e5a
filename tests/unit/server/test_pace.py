"""A user who goes on asking too fast is told to wait; others are not."""

from __future__ import annotations

from contextlib import suppress

import pytest

from jupyter_mlops.domain.errors import Busy
from jupyter_mlops.server.pace import BURST_SECONDS, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_five_seconds_worth_of_requests_pass_at_once_and_the_next_is_refused() -> None:
    pace = Pace(10, Clock())
    for _ in range(10 * BURST_SECONDS):
        pace.take("olive")
    with pytest.raises(Busy):
        pace.take("olive")
    pace.take("vera")


def test_after_a_second_as_many_requests_pass_as_a_second_holds() -> None:
    clock = Clock()
    pace = Pace(10, clock)
    for _ in range(10 * BURST_SECONDS):
        pace.take("olive")
    clock.now += 1
    for _ in range(10):
        pace.take("olive")
    with pytest.raises(Busy):
        pace.take("olive")


def test_who_goes_on_asking_too_fast_is_served_at_the_pace_allowed() -> None:
    clock = Clock()
    pace = Pace(10, clock)
    served = 0
    for _ in range(40 * 60):
        clock.now += 1 / 40
        with suppress(Busy):
            pace.take("olive")
            served += 1
    assert served == pytest.approx(10 * (60 + BURST_SECONDS), rel=0.02)


def test_users_that_fell_silent_are_forgotten_but_not_those_who_press() -> None:
    clock = Clock()
    pace = Pace(1, clock)
    for number in range(2_000):
        pace.take(f"user {number}")
    clock.now += BURST_SECONDS
    for _ in range(BURST_SECONDS):
        pace.take("olive")
    assert len(pace._buckets) < 10
    with pytest.raises(Busy):
        pace.take("olive")
