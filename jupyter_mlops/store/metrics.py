"""Queries of metrics: points as they came, the extent of each series, and reading it thinned."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import History, LatestMetric, Point, to_wire
from jupyter_mlops.store import dialects, metric_duplicates, run_limits
from jupyter_mlops.store.among import Among
from jupyter_mlops.store.metric_series import COLUMNS, SUMMARY_POINTS, Bucket, Series
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import place_of, seq_of
from jupyter_mlops.store.tables import (
    metric_points,
    metric_series,
    metric_summaries,
    runs,
    tags,
)

# Up to this many points for each one asked for, a plot is thinned from the points themselves;
# beyond, from the summaries, so that the cost of a plot stops growing with the series.
_RAW_FACTOR = 100
_MAX_FINITE = 1.7976931348623157e308

# Made once: each point that arrives by itself goes through them.
_OF_RUN = metric_series.c.run == bindparam("of_run")
_SERIES = select(metric_series.c.key, *COLUMNS.values())
_SERIES_OF_RUN = Prepared(_SERIES.where(_OF_RUN).order_by(metric_series.c.id))
_BUCKET = [column for column in metric_summaries.c if column.name != "series"]
# Found with their series in one statement: each point that arrives by itself needs both.
_SERIES_OF_KEYS = Among(
    lambda keys: (
        _SERIES.add_columns(*_BUCKET)
        .outerjoin(
            metric_summaries,
            and_(
                metric_summaries.c.series == metric_series.c.id,
                metric_summaries.c.bucket == metric_series.c.point_count // SUMMARY_POINTS,
            ),
        )
        .where(_OF_RUN, metric_series.c.key.in_(keys))
    )
)
_IDS_OF_KEYS = Among(
    lambda keys: select(metric_series.c.key, metric_series.c.id).where(
        _OF_RUN, metric_series.c.key.in_(keys)
    )
)
_POINTS = Prepared(
    select(metric_points.c.step, metric_points.c.timestamp, metric_points.c.value)
    .where(
        metric_points.c.series == bindparam("series"),
        metric_points.c.position >= bindparam("first"),
        metric_points.c.position < bindparam("end"),
    )
    .order_by(metric_points.c.position)
)
_STATE: dict[str, BindParameter[Any]] = {name: bindparam(f"new_{name}") for name in Series().row()}
_PLACE: dict[str, BindParameter[Any]] = {
    name: bindparam(f"of_{name}") for name in ("run", "experiment", "key")
}
_INSERT_SERIES = Prepared(insert(metric_series).values(_PLACE | _STATE))
_UPDATE_SERIES = Prepared(
    update(metric_series).where(metric_series.c.id == bindparam("of_id")).values(_STATE)
)
_INSERT_POINTS = Prepared(insert(metric_points))
_WRITE_BUCKETS = Prepared(
    lambda name: dialects.upsert_in(
        name,
        metric_summaries,
        ("series", "bucket"),
        ("step", "timestamp", "value", "minimum", "maximum"),
    )
)
_SHOWN_SERIES = Prepared(
    select(metric_series.c.id)
    .join(runs, runs.c.seq == metric_series.c.run)
    .outerjoin(tags, (tags.c.run == runs.c.seq) & (tags.c.key == "mlops.key_metric"))
    .where(metric_series.c.run == bindparam("of_run"))
    .order_by(
        case((metric_series.c.key == tags.c.value, 0), else_=1),
        case((metric_series.c.point_count > 1, 0), else_=1),
        case(
            (and_(bindparam("keep", type_=Boolean), metric_series.c.id == runs.c.key_series), 0),
            else_=1,
        ),
        metric_series.c.id,
    )
    .limit(1)
)
_SHOW_SERIES = Prepared(
    update(runs).where(runs.c.seq == bindparam("of_run")).values(key_series=bindparam("chosen"))
)


def append(
    connection: Connection, run_id: str, points: Sequence[Point], *, once: bool = False
) -> None:
    """Add points to the series of a run in the order given; steps may come in any order.

    With ``once`` those that the run holds already are left out, as by MLflow. Raises TooLarge for more
    names than a run may carry.
    """
    if not points:
        return
    run, experiment = place_of(connection, run_id)
    by_key: dict[str, list[Point]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    known = _series_of(connection, run, list(by_key))
    new = sum(key not in known for key in by_key)
    if new:
        run_limits.check_room(connection, run, "metrics", new)
    longer = []
    for key, added in by_key.items():
        series, bucket = known.get(key) or (Series(), None)
        taken = metric_duplicates.fresh(connection, series, added) if once else added
        if taken:
            longer.append(_Longer(series, key, taken, bucket))
    _insert_series(connection, run, experiment, [each for each in longer if each.is_new])
    _UPDATE_SERIES.change_all(
        connection,
        [{"of_id": each.series.id, **each.state()} for each in longer if not each.is_new],
    )
    _INSERT_POINTS.change_all(connection, [row for each in longer for row in each.point_rows()])
    _WRITE_BUCKETS.change_all(connection, [row for each in longer for row in each.bucket_rows()])
    if any(each.may_be_shown for each in longer):
        choose_key_series(connection, run, keep=True)


class _Longer:
    """A series, the points it gets, and the summaries that change with them."""

    def __init__(self, series: Series, key: str, added: list[Point], bucket: Bucket | None) -> None:
        self.series = series
        self.key = key
        self._added = added
        self._first = series.count
        self._buckets: list[Bucket] = []
        self._extend(bucket)

    @property
    def is_new(self) -> bool:
        """Whether the series has no row yet."""
        return self._first == 0

    @property
    def may_be_shown(self) -> bool:
        """Whether this changes which series lists show: a new one, or one that becomes a course."""
        return self._first < 2 and (self.is_new or self.series.count > 1)

    def _extend(self, bucket: Bucket | None) -> None:
        """Take in the points; ``bucket`` is the one that the first belongs to, if it has a row."""
        start = 0
        while start < len(self._added):
            number, filled = divmod(self.series.count, SUMMARY_POINTS)
            points = self._added[start : start + SUMMARY_POINTS - filled]
            finite = [point.value for point in points if math.isfinite(point.value)]
            bucket = bucket or Bucket(number=number)
            bucket.extend(points, finite)
            self._buckets.append(bucket)
            self.series.extend(points, finite)
            start, bucket = start + len(points), None

    def state(self) -> dict[str, Any]:
        """Return the new values of its row."""
        return {f"new_{name}": value for name, value in self.series.row().items()}

    def point_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the points; the series has its number by now."""
        for position, point in enumerate(self._added, self._first):
            yield {
                "series": self.series.id,
                "position": position,
                "step": point.step,
                "timestamp": point.timestamp,
                "value": point.value,
            }

    def bucket_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of the summaries."""
        for bucket in self._buckets:
            yield bucket.row(self.series.id)


def _series_of(
    connection: Connection, run: int, keys: list[str]
) -> dict[str, tuple[Series, Bucket | None]]:
    """Return the series of these keys, each with the bucket that its next point belongs to.

    That is None where the bucket has no point yet.
    """
    rows = _SERIES_OF_KEYS.rows(connection, keys, {"of_run": run})
    found = {}
    for key, *row in rows:
        state, bucket = row[: len(COLUMNS)], row[len(COLUMNS) :]
        found[key] = (
            Series.from_row(state),
            None if bucket[0] is None else Bucket.from_row(bucket),
        )
    return found


def _insert_series(connection: Connection, run: int, experiment: int, new: list[_Longer]) -> None:
    """Make the rows of new series; their ids follow the order given, in which metrics are shown."""
    if not new:
        return
    place = {"of_run": run, "of_experiment": experiment}
    _INSERT_SERIES.change_all(
        connection, [{**place, "of_key": each.key, **each.state()} for each in new]
    )
    by_key = {each.key: each.series for each in new}
    for key, number in _IDS_OF_KEYS.rows(connection, list(by_key), {"of_run": run}):
        by_key[key].id = number


def choose_key_series(connection: Connection, run: int, *, keep: bool = False) -> None:
    """Point a run at the series that lists show: the tagged one, else the first of several points.

    With ``keep`` one that has several points stays, so that lists do not jump between metrics.
    """
    found = _SHOWN_SERIES.rows(connection, {"of_run": run, "keep": keep})
    chosen = found[0][0] if found else None
    _SHOW_SERIES.change(connection, {"of_run": run, "chosen": chosen})


def next_steps(connection: Connection, run_id: str, keys: list[str]) -> dict[str, int]:
    """Return the steps that values logged without one take: the greatest so far plus one."""
    known = _series_of(connection, seq_of(connection, run_id), keys)
    return {key: known[key][0].step + 1 if key in known else 0 for key in keys}


def for_seq(connection: Connection, run: int) -> list[LatestMetric]:
    """Return the latest value of each metric of the run with this number."""
    rows = _SERIES_OF_RUN.rows(connection, {"of_run": run})
    return [Series.from_row(row).latest(key) for key, *row in rows]


def history(connection: Connection, run_id: str, key: str, max_points: int) -> History:
    """Return a series by step, in at most ``max_points`` entries; NotFound without a point.

    A thinned entry stands for points that arrived one after the other.
    """
    run = seq_of(connection, run_id)
    series = connection.execute(
        select(metric_series.c.id, metric_series.c.point_count).where(
            metric_series.c.run == run, metric_series.c.key == key
        )
    ).one_or_none()
    if series is None:
        raise NotFound("This run has no such metric.")
    count = int(series.point_count)
    if count <= max_points:
        rows = _points(connection, series.id)
    elif count <= max_points * _RAW_FACTOR:
        rows = _thinned_points(connection, series.id, -(-count // max_points))
    else:
        rows = _thinned_summaries(connection, series.id, count, max_points)
    rows.sort(key=lambda row: (row[0], row[1]))
    return History(
        key=key,
        steps=[row[0] for row in rows],
        timestamps=[row[1] for row in rows],
        values=[_wire(row[2]) for row in rows],
        minimum=[row[3] for row in rows],
        maximum=[row[4] for row in rows],
        count=count,
        thinned=count > max_points,
    )


def points(connection: Connection, run_id: str, key: str, start: int, limit: int) -> list[Point]:
    """Return up to ``limit`` points of a series in order of arrival, from number ``start``."""
    series = connection.scalar(
        select(metric_series.c.id).where(
            metric_series.c.run == seq_of(connection, run_id), metric_series.c.key == key
        )
    )
    if series is None:
        return []
    rows = _POINTS.rows(connection, {"series": series, "first": start, "end": start + limit})
    return [
        Point(
            key=key,
            step=step,
            timestamp=timestamp,
            value=float("nan") if value is None else value,
        )
        for step, timestamp, value in rows
    ]


def _wire(value: float | None) -> Any:
    return to_wire(float("nan") if value is None else value)


def _finite(value: Any) -> Any:
    return case((func.abs(value) <= _MAX_FINITE, value))


def _points(connection: Connection, series: int) -> list[tuple[Any, ...]]:
    points = metric_points.c
    finite = _finite(points.value)
    statement = (
        select(points.step, points.timestamp, points.value, finite, finite)
        .where(points.series == series)
        .order_by(points.position)
    )
    return [tuple(row) for row in connection.execute(statement)]


def _thinned_points(connection: Connection, series: int, width: int) -> list[tuple[Any, ...]]:
    finite = _finite(metric_points.c.value)
    return _last_of_each(
        connection, metric_points, metric_points.c.position, (finite, finite), series, width
    )


def _thinned_summaries(
    connection: Connection, series: int, count: int, max_points: int
) -> list[tuple[Any, ...]]:
    buckets = -(-count // SUMMARY_POINTS)
    extremes = (metric_summaries.c.minimum, metric_summaries.c.maximum)
    return _last_of_each(
        connection,
        metric_summaries,
        metric_summaries.c.bucket,
        extremes,
        series,
        -(-buckets // max_points),
    )


def _last_of_each(
    connection: Connection,
    table: Table,
    place: ColumnElement[int],
    extremes: tuple[ColumnElement[Any], ColumnElement[Any]],
    series: int,
    width: int,
) -> list[tuple[Any, ...]]:
    """Return the last row of every ``width`` rows, with the extremes among them."""
    group = place // width
    each = (
        select(
            func.max(place).label("place"),
            func.min(extremes[0]).label("minimum"),
            func.max(extremes[1]).label("maximum"),
        )
        .where(table.c.series == series)
        .group_by(group)
        .subquery()
    )
    statement = (
        select(table.c.step, table.c.timestamp, table.c.value, each.c.minimum, each.c.maximum)
        .join(each, place == each.c.place)
        .where(table.c.series == series)
        .order_by(place)
    )
    return [tuple(row) for row in connection.execute(statement)]
