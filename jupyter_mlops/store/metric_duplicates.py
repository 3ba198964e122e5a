"""Points that a client sends a second time: MLflow keeps each step, time and value of a metric once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, select

from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import metric_points, metric_series

_KEYS_IN_STATEMENT = 500
_Place = tuple[str, int, int, float | None]

# Made once: each point that arrives by itself goes through the first.
_LATEST = select(
    metric_series.c.id, metric_series.c.key, metric_series.c.step, metric_series.c.timestamp
).where(
    metric_series.c.run == bindparam("of_run"),
    metric_series.c.key.in_(bindparam("keys", expanding=True)),
)
# The series is read as a whole anyway: a range is less to say than a thousand steps.
_BETWEEN = select(metric_points.c.step, metric_points.c.timestamp, metric_points.c.value).where(
    metric_points.c.series == bindparam("of_series"),
    metric_points.c.step.between(bindparam("first_step"), bindparam("last_step")),
    metric_points.c.timestamp.between(bindparam("first_time"), bindparam("last_time")),
)


def without_known(connection: Connection, run_id: str, points: Sequence[Point]) -> list[Point]:
    """Return the points that a run does not hold yet, each once, in the order given.

    Only points that are not later than the latest of their metric need a look at the others.
    """
    if not points:
        return []
    fresh = {_place(point): point for point in points}
    by_key: dict[str, list[_Place]] = {}
    for place in fresh:
        by_key.setdefault(place[0], []).append(place)
    keys = list(by_key)
    run = seq_of(connection, run_id)
    for start in range(0, len(keys), _KEYS_IN_STATEMENT):
        some = keys[start : start + _KEYS_IN_STATEMENT]
        for series, key, *latest in connection.execute(
            _LATEST, {"of_run": run, "keys": some}
        ).all():
            doubtful = [place for place in by_key[key] if place[1:3] <= tuple(latest)]
            for known in _known(connection, series, key, doubtful):
                fresh.pop(known, None)
    return list(fresh.values())


def _place(point: Point) -> _Place:
    value = None if math.isnan(point.value) else point.value
    return point.key, point.step, point.timestamp, value


def _known(connection: Connection, series: int, key: str, places: list[_Place]) -> list[_Place]:
    if not places:
        return []
    steps = [step for _, step, _, _ in places]
    times = [at for _, _, at, _ in places]
    bounds = {
        "of_series": series,
        "first_step": min(steps),
        "last_step": max(steps),
        "first_time": min(times),
        "last_time": max(times),
    }
    return [(key, *row) for row in connection.execute(_BETWEEN, bounds).all()]
