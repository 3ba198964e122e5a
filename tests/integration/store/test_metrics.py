"""Metrics: every value exactly as it was logged, and histories that stay small."""

from __future__ import annotations

import math
import random

import pytest

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import Point, from_wire
from jupyter_mlops.store import metrics, runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun


def points(values: list[float], key: str = "loss", first: int = 0) -> list[Point]:
    return [
        Point(key=key, value=value, step=step, timestamp=1_000 + step)
        for step, value in enumerate(values, start=first)
    ]


def test_every_float_comes_back_bit_for_bit(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    odd = [0.1, 1e-323, 1.7976931348623157e308, -1e-300, 2**53 + 1.0, math.nan]
    odd += [math.inf, -math.inf, 1 / 3]
    with database.write() as connection:
        metrics.append(connection, run_id, points(odd))
    with database.read() as connection:
        history = metrics.history(connection, run_id, "loss", 100)
    assert [repr(from_wire(value)) for value in history.values] == [repr(value) for value in odd]
    assert history.minimum[5:8] == history.maximum[5:8] == [None, None, None]
    assert not history.thinned


def test_the_latest_value_is_that_of_the_greatest_step(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        for step in (3, 9, 1, 9, 4):
            point = Point(key="loss", value=step * 1.5, step=step, timestamp=step)
            metrics.append(connection, run_id, [point])
        late = Point(key="loss", value=-1.0, step=9, timestamp=8)
        metrics.append(connection, run_id, [late])
    with database.read() as connection:
        latest = runs.get(connection, run_id).metrics[0]
        history = metrics.history(connection, run_id, "loss", 100)
    assert (latest.value, latest.step, latest.count) == (13.5, 9, 6)
    assert (latest.minimum, latest.maximum) == (-1.0, 13.5)
    assert history.steps == [1, 3, 4, 9, 9, 9]


def test_a_value_without_a_step_takes_the_next_one(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        assert metrics.next_steps(connection, run_id, ["loss"]) == {"loss": 0}
        metrics.append(connection, run_id, points([1.0, 2.0], first=41))
        found = metrics.next_steps(connection, run_id, ["loss", "other"])
        assert found == {"loss": 43, "other": 0}


def test_a_metric_that_was_never_logged_is_not_found(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.read() as connection, pytest.raises(NotFound):
        metrics.history(connection, run_id, "loss", 100)


def test_metrics_are_listed_in_the_order_of_their_first_point(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    with database.write() as connection:
        for key in ("zebra", "apple", "zebra", "mango"):
            metrics.append(connection, run_id, points([1.0], key=key))
        metrics.append(connection, run_id, [])
    with database.read() as connection:
        latest = runs.get(connection, run_id).metrics
    assert [(item.key, item.count) for item in latest] == [("zebra", 2), ("apple", 1), ("mango", 1)]


def test_one_key_in_two_runs_is_two_series(database: Database, new_run: NewRun) -> None:
    first, second = new_run(), new_run()
    with database.write() as connection:
        metrics.append(connection, first, points([1.0]))
        metrics.append(connection, second, points([2.0, 3.0]))
    with database.read() as connection:
        assert metrics.history(connection, first, "loss", 10).values == [1.0]
        assert metrics.history(connection, second, "loss", 10).values == [2.0, 3.0]


@pytest.mark.parametrize("batch", [1, 7, 100, 1_234])
def test_batches_of_any_size_give_one_history(
    database: Database, new_run: NewRun, batch: int
) -> None:
    run_id = new_run()
    chance = random.Random(batch)  # noqa: S311 - a reproducible series, no secret
    values = [chance.gauss(0, 1) for _ in range(1_234 if batch > 1 else 250)]
    every = points(values)
    for start in range(0, len(every), batch):
        with database.write() as connection:
            metrics.append(connection, run_id, every[start : start + batch])
    with database.read() as connection:
        whole = metrics.history(connection, run_id, "loss", 5_000)
        # Two points an entry: thinned from the points. One entry in all: from the summaries.
        thin = metrics.history(connection, run_id, "loss", len(values) // 2)
        one = metrics.history(connection, run_id, "loss", 1)
    assert whole.values == values
    assert thin.values == values[1::2]
    assert thin.maximum == [max(pair) for pair in zip(values[::2], values[1::2], strict=True)]
    assert (one.values, one.minimum, one.maximum) == ([values[-1]], [min(values)], [max(values)])
    assert (one.steps, one.count, one.thinned) == ([len(values) - 1], len(values), True)


def test_a_long_history_is_read_from_its_summaries(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    values = [math.sin(i / 500) * i for i in range(20_050)]
    values[7_777] = math.inf
    with database.write() as connection:
        metrics.append(connection, run_id, points(values))
    with database.read() as connection:
        history = metrics.history(connection, run_id, "loss", 100)
    finite = [value for value in values if math.isfinite(value)]
    assert 50 <= len(history.values) <= 100
    assert min(item for item in history.minimum if item is not None) == min(finite)
    assert max(item for item in history.maximum if item is not None) == max(finite)
    assert (history.values[-1], history.steps[-1]) == (values[-1], 20_049)
    assert history.steps == sorted(history.steps)


def test_a_sparkline_spans_the_whole_series_in_thirty_values(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    for length in (1, 29, 30, 31, 500, 9_999):
        with database.write() as connection:
            start = metrics.next_steps(connection, run_id, ["loss"])["loss"]
            values = [float(step) for step in range(start, length)]
            metrics.append(connection, run_id, points(values, first=start))
        with database.read() as connection:
            line = runs.get(connection, run_id).sparkline
        assert (line[0], line[-1]) == (0.0, length - 1.0)
        assert min(length, 15) <= len(line) <= 30
        assert line == sorted(line)
