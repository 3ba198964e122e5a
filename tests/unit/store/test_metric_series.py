"""The running state of a series: what is true after each point, whatever the points are."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from jupyter_mlops.domain.metrics import Point, from_wire
from jupyter_mlops.store.metric_series import SPARKLINE_POINTS, Bucket, Series

POINTS = st.lists(
    st.builds(
        Point,
        key=st.just("loss"),
        value=st.floats(width=64),
        step=st.integers(-(2**62), 2**62),
        timestamp=st.integers(0, 2**50),
    ),
    max_size=200,
)


@given(POINTS)
def test_the_state_is_that_of_all_points(points: list[Point]) -> None:
    series = Series()
    for point in points:
        series.add(point)
        # Between two points the state may rest in the store.
        series = Series.from_row(SimpleNamespace(**series.row(), id=0))  # type: ignore[arg-type]
    finite = [point.value for point in points if math.isfinite(point.value)]
    assert series.count == len(points)
    assert series.minimum == min(finite, default=None)
    assert series.maximum == max(finite, default=None)
    if points:
        last = max(enumerate(points), key=lambda it: (it[1].step, it[1].timestamp, it[0]))[1]
        latest = series.latest("loss")
        assert (latest.step, latest.timestamp) == (last.step, last.timestamp)
        assert repr(from_wire(latest.value)) == repr(last.value)


@given(POINTS)
def test_a_sparkline_is_short_finite_and_made_of_logged_values(points: list[Point]) -> None:
    series = Series()
    for point in points:
        series.add(point)
    line = series.line()
    assert len(line) <= SPARKLINE_POINTS
    assert all(math.isfinite(value) for value in line)
    assert {repr(value) for value in line} <= {repr(point.value) for point in points}


@given(POINTS.filter(bool))
def test_a_bucket_holds_the_last_point_and_the_finite_extremes(points: list[Point]) -> None:
    bucket = Bucket()
    for point in points:
        bucket.add(point)
        bucket = Bucket.from_row(SimpleNamespace(**bucket.row(1)))  # type: ignore[arg-type]
    finite = [point.value for point in points if math.isfinite(point.value)]
    assert (bucket.step, repr(bucket.value)) == (points[-1].step, repr(points[-1].value))
    assert bucket.minimum == min(finite, default=None)
    assert bucket.maximum == max(finite, default=None)
