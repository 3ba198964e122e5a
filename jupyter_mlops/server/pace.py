"""How many requests a user may make in a time: a bucket of tokens that fills steadily."""

from __future__ import annotations

import time
from collections.abc import Callable

from jupyter_mlops.domain.errors import Busy

# A page that opens asks for many things at once; only who goes on like that is slowed down.
BURST_SECONDS = 5
_REMEMBERED_USERS = 1_000


class Pace:
    """``per_second`` requests of each user on average (security row S8)."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        # Per user: tokens left, and when that was so.
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, user: str) -> None:
        """Count one request; Busy when the user makes too many."""
        now = self._clock()
        full = float(self._per_second * BURST_SECONDS)
        left, before = self._buckets.get(user, (full, now))
        left = min(full, left + (now - before) * self._per_second)
        if len(self._buckets) > _REMEMBERED_USERS:
            # Whoever was silent for this long has a full bucket, as a user not met before has.
            self._buckets = {
                each: bucket
                for each, bucket in self._buckets.items()
                if now - bucket[1] < BURST_SECONDS
            }
        # A refused request costs nothing: who goes on asking too fast is served at the pace allowed.
        self._buckets[user] = (left - 1 if left >= 1 else left, now)
        if left < 1:
            raise Busy("Too many requests in a short time; try again in a moment.")
