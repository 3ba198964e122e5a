"""Points that a client sends a second time: MLflow keeps each step, time and value of a metric once."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Connection, select

from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import metric_points, metric_series

_KEYS_IN_STATEMENT = 500
_Place = tuple[str, int, int, float | None]


def without_known(connection: Connection, run_id: str, points: Sequence[Point]) -> list[Point]:
    """Return the points that a run does not hold yet, each once, in the order given.

    Only points that are not later than the latest of their metric need a look at the others.
    """
    fresh = {_place(point): point for point in points}
    keys = list({point.key for point in points})
    run = seq_of(connection, run_id)
    for start in range(0, len(keys), _KEYS_IN_STATEMENT):
        some = keys[start : start + _KEYS_IN_STATEMENT]
        for series in connection.execute(
            select(
                metric_series.c.id,
                metric_series.c.key,
                metric_series.c.step,
                metric_series.c.timestamp,
            ).where(metric_series.c.run == run, metric_series.c.key.in_(some))
        ):
            latest = (series.step, series.timestamp)
            doubtful = [at for at in fresh if at[0] == series.key and at[1:3] <= latest]
            for known in _known(connection, series.id, series.key, doubtful):
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
    columns = (metric_points.c.step, metric_points.c.timestamp, metric_points.c.value)
    # The series is read as a whole anyway: a range is less to say than a thousand steps.
    rows = connection.execute(
        select(*columns).where(
            metric_points.c.series == series,
            metric_points.c.step.between(min(steps), max(steps)),
            metric_points.c.timestamp.between(min(times), max(times)),
        )
    )
    return [(key, row.step, row.timestamp, row.value) for row in rows]
