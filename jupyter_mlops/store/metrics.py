"""Queries of metrics: points as they came, the extent of each series, and reading it thinned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    case,
    func,
    insert,
    select,
    update,
)

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import History, LatestMetric, Point, to_wire
from jupyter_mlops.store import dialects
from jupyter_mlops.store.metric_series import SUMMARY_POINTS, Bucket, Series
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
_KEYS_IN_STATEMENT = 500
_MAX_FINITE = 1.7976931348623157e308


def append(connection: Connection, run_id: str, points: Sequence[Point]) -> None:
    """Add points to the series of a run in the order given; steps may come in any order."""
    if not points:
        return
    run, experiment = place_of(connection, run_id)
    by_key: dict[str, list[Point]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    known = _series_of(connection, run, list(by_key))
    new = [key for key in by_key if key not in known]
    all_series = known | _new_series(connection, run, experiment, new)
    single = [series for series in all_series.values() if series.count < 2]
    new_rows: list[dict[str, Any]] = []
    new_buckets: list[dict[str, Any]] = []
    for key, added in by_key.items():
        series = all_series[key]
        bucket = _open_bucket(connection, series)
        for point in added:
            if bucket is None:
                bucket = Bucket(number=series.count // SUMMARY_POINTS)
            new_rows.append(
                {
                    "series": series.id,
                    "position": series.count,
                    "step": point.step,
                    "timestamp": point.timestamp,
                    "value": point.value,
                }
            )
            series.add(point)
            bucket.add(point)
            if series.count % SUMMARY_POINTS == 0:
                new_buckets.append(bucket.row(series.id))
                bucket = None
        if bucket is not None:
            new_buckets.append(bucket.row(series.id))
    connection.execute(
        update(metric_series).where(metric_series.c.id == bindparam("series_id")),
        [{"series_id": series.id, **series.row()} for series in all_series.values()],
    )
    connection.execute(insert(metric_points), new_rows)
    _write_buckets(connection, new_buckets)
    if new or any(series.count > 1 for series in single):
        choose_key_series(connection, run, keep=True)


def _series_of(connection: Connection, run: int, keys: list[str]) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for some in _chunks(keys):
        rows = connection.execute(
            select(metric_series).where(metric_series.c.run == run, metric_series.c.key.in_(some))
        )
        found |= {row.key: Series.from_row(row) for row in rows}
    return found


def _new_series(
    connection: Connection, run: int, experiment: int, keys: list[str]
) -> dict[str, Series]:
    """Make series; their ids follow the order of ``keys``, in which metrics are shown."""
    if not keys:
        return {}
    made = connection.execute(
        insert(metric_series).returning(metric_series.c.id, sort_by_parameter_order=True),
        [{"run": run, "experiment": experiment, "key": key, **Series(id=0).row()} for key in keys],
    )
    return {key: Series(id=int(series)) for key, series in zip(keys, made.scalars(), strict=True)}


def _chunks(keys: list[str]) -> Iterator[list[str]]:
    """Give the keys in parts that one statement can hold."""
    for start in range(0, len(keys), _KEYS_IN_STATEMENT):
        yield keys[start : start + _KEYS_IN_STATEMENT]


def _open_bucket(connection: Connection, series: Series) -> Bucket | None:
    """Return the bucket that the next point belongs to if it has points already."""
    number, filled = divmod(series.count, SUMMARY_POINTS)
    if not filled:
        return None
    row = connection.execute(
        select(metric_summaries).where(
            metric_summaries.c.series == series.id, metric_summaries.c.bucket == number
        )
    ).one()
    return Bucket.from_row(row)


def _write_buckets(connection: Connection, rows: list[dict[str, Any]]) -> None:
    statement = dialects.insert(connection, metric_summaries)
    columns = ("step", "timestamp", "value", "minimum", "maximum")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["series", "bucket"],
            set_={name: statement.excluded[name] for name in columns},
        ),
        rows,
    )


def choose_key_series(connection: Connection, run: int, *, keep: bool = False) -> None:
    """Point a run at the series that lists show: the tagged one, else the first of several points.

    With ``keep`` one that has several points stays, so that lists do not jump between metrics.
    """
    tagged = select(tags.c.value).where(tags.c.run == run, tags.c.key == "mlops.key_metric")
    present = select(runs.c.key_series).where(runs.c.seq == run).scalar_subquery() if keep else None
    chosen = connection.scalar(
        select(metric_series.c.id)
        .where(metric_series.c.run == run)
        .order_by(
            case((metric_series.c.key == tagged.scalar_subquery(), 0), else_=1),
            case((metric_series.c.point_count > 1, 0), else_=1),
            case((metric_series.c.id == present, 0), else_=1),
            metric_series.c.id,
        )
        .limit(1)
    )
    connection.execute(update(runs).where(runs.c.seq == run).values(key_series=chosen))


def next_steps(connection: Connection, run_id: str, keys: list[str]) -> dict[str, int]:
    """Return the steps that values logged without one take: the greatest so far plus one."""
    known = _series_of(connection, seq_of(connection, run_id), keys)
    return {key: known[key].step + 1 if key in known else 0 for key in keys}


def for_seq(connection: Connection, run: int) -> list[LatestMetric]:
    """Return the latest value of each metric of the run with this number."""
    rows = connection.execute(
        select(metric_series).where(metric_series.c.run == run).order_by(metric_series.c.id)
    )
    return [Series.from_row(row).latest(row.key) for row in rows]


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
    rows = connection.execute(
        select(metric_points.c.step, metric_points.c.timestamp, metric_points.c.value)
        .where(
            metric_points.c.series == series,
            metric_points.c.position >= start,
            metric_points.c.position < start + limit,
        )
        .order_by(metric_points.c.position)
    )
    return [
        Point(
            key=key,
            step=row.step,
            timestamp=row.timestamp,
            value=float("nan") if row.value is None else row.value,
        )
        for row in rows
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
