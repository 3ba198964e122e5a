"""A point that is sent twice is kept once, as MLflow's clients expect when they repeat a request."""

from __future__ import annotations

import math

from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.store import metrics
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun


def points(*values: tuple[int, int, float], key: str = "loss") -> list[Point]:
    return [Point(key=key, step=step, timestamp=at, value=value) for step, at, value in values]


def send(database: Database, run_id: str, sent: list[Point]) -> None:
    with database.write() as connection:
        metrics.append(connection, run_id, sent, once=True)


def kept(database: Database, run_id: str, key: str = "loss") -> list[tuple[int, int, str]]:
    with database.read() as connection:
        found = metrics.points(connection, run_id, key, 0, 1_000)
    return [(point.step, point.timestamp, str(point.value)) for point in found]


def test_a_batch_that_is_sent_again_changes_nothing(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    batch = points((0, 5, 0.5), (1, 6, math.nan), (2, 7, math.inf))
    for _ in range(3):
        send(database, run_id, batch)
    assert kept(database, run_id) == [(0, 5, "0.5"), (1, 6, "nan"), (2, 7, "inf")]


def test_a_point_is_known_by_step_time_and_value_together(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    batch = points((1, 5, 0.5), (1, 5, 0.25), (1, 6, 0.5), (2, 5, 0.5), (1, 5, 0.5))
    send(database, run_id, batch)
    send(database, run_id, points((0, 5, 0.5)))
    assert len(kept(database, run_id)) == 5


def test_points_that_come_late_are_kept_once_too(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    send(database, run_id, points(*((step, step, 0.5) for step in range(0, 300, 2))))
    late = points(*((step, step, 0.5) for step in range(250)))
    for _ in range(2):
        send(database, run_id, late)
    assert sorted(kept(database, run_id)) == sorted(
        (step, step, "0.5") for step in {*range(250), *range(250, 300, 2)}
    )


def test_the_same_point_of_another_metric_or_run_is_kept(
    database: Database, new_run: NewRun
) -> None:
    one, two = new_run(), new_run()
    for run_id in (one, two):
        send(database, run_id, points((0, 1, 2.0)) + points((0, 1, 2.0), key="accuracy"))
    for run_id in (one, two):
        assert kept(database, run_id) == kept(database, run_id, "accuracy") == [(0, 1, "2.0")]
