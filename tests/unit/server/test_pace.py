"""A user who goes on asking too fast is told to wait; others are not."""

from __future__ import annotations

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


def test_a_refused_request_does_not_prolong_the_wait() -> None:
    clock = Clock()
    pace = Pace(10, clock)
    for _ in range(10 * BURST_SECONDS):
        pace.take("olive")
    for _ in range(100):
        with pytest.raises(Busy):
            pace.take("olive")
    clock.now += 0.2
    pace.take("olive")


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
