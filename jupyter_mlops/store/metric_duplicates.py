"""Points that a client sends a second time: MLflow keeps each step, time and value of a metric once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Connection, bindparam, select

from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.store.metric_series import Series
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import metric_points

_Place = tuple[int, int, float | None]

# The series is read as a whole anyway: a range is less to say than a thousand steps.
_BETWEEN = Prepared(
    select(metric_points.c.step, metric_points.c.timestamp, metric_points.c.value).where(
        metric_points.c.series == bindparam("of_series"),
        metric_points.c.step.between(bindparam("first_step"), bindparam("last_step")),
        metric_points.c.timestamp.between(bindparam("first_time"), bindparam("last_time")),
    )
)


def fresh(connection: Connection, known: Series, points: Sequence[Point]) -> list[Point]:
    """Return the points of one metric that its series does not hold yet, each once, in their order.

    Only points that are not later than the latest of the series need a look at the others.
    """
    if _go_on(known, points):
        return list(points)
    places = {_place(point): point for point in points}
    if known.count:
        latest = known.step, known.timestamp
        doubtful = [place for place in places if place[:2] <= latest]
        for place in _held(connection, known.id, doubtful):
            places.pop(place, None)
    return list(places.values())


def _go_on(known: Series, points: Sequence[Point]) -> bool:
    """Tell whether each step is greater than the one before it, as most are."""
    begins = not known.count or points[0].step > known.step
    return begins and all(one.step < next_.step for one, next_ in pairwise(points))


def _place(point: Point) -> _Place:
    value = None if math.isnan(point.value) else point.value
    return point.step, point.timestamp, value


def _held(connection: Connection, series: int, places: list[_Place]) -> list[_Place]:
    if not places:
        return []
    steps = [step for step, _, _ in places]
    times = [at for _, at, _ in places]
    bounds = {
        "of_series": series,
        "first_step": min(steps),
        "last_step": max(steps),
        "first_time": min(times),
        "last_time": max(times),
    }
    return [(step, at, value) for step, at, value in _BETWEEN.rows(connection, bounds)]
