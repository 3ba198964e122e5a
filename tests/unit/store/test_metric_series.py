"""The running state of a series: what is true after each point, whatever the points are."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.metrics import Point, from_wire
from jupyter_mlops.store.metric_series import SPARKLINE_POINTS, Bucket, Series

POINTS = st.lists(
    st.builds(
        Point,
        key=st.just("loss"),
        value=st.floats(width=64),
        # A few of them meet in one moment.
        step=st.integers(0, 1) | st.integers(-(2**62), 2**62),
        timestamp=st.integers(0, 1) | st.integers(0, 2**50),
    ),
    max_size=200,
)


# How many come at once; what is left comes one by one.
SIZES = st.lists(st.integers(1, 70), max_size=20)


def in_parts(points: list[Point], sizes: list[int]) -> Iterator[tuple[list[Point], list[float]]]:
    """Yield the points in batches, each with its finite values."""
    left, sizes = list(points), list(sizes)
    while left:
        size = sizes.pop() if sizes else 1
        some, left = left[:size], left[size:]
        yield some, [point.value for point in some if math.isfinite(point.value)]


def rank(point: Point) -> tuple[int, int, float]:
    """Return by what MLflow tells the latest point; of equal ones it is the last."""
    return point.step, point.timestamp, 0.0 if math.isnan(point.value) else point.value


@given(POINTS, SIZES)
def test_the_state_is_that_of_all_points(points: list[Point], sizes: list[int]) -> None:
    series = Series()
    for some, values in in_parts(points, sizes):
        series.extend(some, values)
        # Between two batches the state may rest in the store.
        row = series.row() | {"sparkline": json.dumps(series.sparkline)}
        series = Series.from_row([0, *row.values()])
    finite = [point.value for point in points if math.isfinite(point.value)]
    assert series.count == len(points)
    assert series.minimum == min(finite, default=None)
    assert series.maximum == max(finite, default=None)
    if points:
        last = max(enumerate(points), key=lambda it: (*rank(it[1]), it[0]))[1]
        latest = series.latest("loss")
        assert (latest.step, latest.timestamp) == (last.step, last.timestamp)
        assert repr(from_wire(latest.value)) == repr(last.value)


@given(POINTS, SIZES)
def test_what_comes_at_once_leaves_what_comes_one_by_one_does(
    points: list[Point], sizes: list[int]
) -> None:
    together, apart = Series(), Series()
    for series, parts in ((together, sizes), (apart, [])):
        for some, values in in_parts(points, parts):
            series.extend(some, values)
    assert repr(together.row()) == repr(apart.row())


@given(POINTS, SIZES)
def test_a_sparkline_is_short_finite_and_made_of_logged_values(
    points: list[Point], sizes: list[int]
) -> None:
    series = Series()
    for some, values in in_parts(points, sizes):
        series.extend(some, values)
    line = series.line()
    assert len(line) <= SPARKLINE_POINTS
    assert all(math.isfinite(value) for value in line)
    assert {repr(value) for value in line} <= {repr(point.value) for point in points}


@given(POINTS.filter(bool), SIZES)
def test_a_bucket_holds_the_last_point_and_the_finite_extremes(
    points: list[Point], sizes: list[int]
) -> None:
    bucket = Bucket()
    for some, values in in_parts(points, sizes):
        bucket.extend(some, values)
        bucket = Bucket.from_row(list(bucket.row(1).values())[1:])
    finite = [point.value for point in points if math.isfinite(point.value)]
    assert (bucket.step, repr(bucket.value)) == (points[-1].step, repr(points[-1].value))
    assert bucket.minimum == min(finite, default=None)
    assert bucket.maximum == max(finite, default=None)
