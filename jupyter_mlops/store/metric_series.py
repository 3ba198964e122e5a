"""What is known of a series without its points: extent, latest value, sparkline, summaries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, type_coerce

from jupyter_mlops.domain.metrics import LatestMetric, Point, to_wire
from jupyter_mlops.store.column_types import Words
from jupyter_mlops.store.tables import metric_series

SUMMARY_POINTS = 100
SPARKLINE_POINTS = 30

# What ``Series.from_row`` takes, by name; as both engines give it, whoever asks them.
COLUMNS: dict[str, ColumnElement[Any]] = {
    name: type_coerce(column, Words).label(name) if name == "sparkline" else column
    for name, column in metric_series.c.items()
    if name not in ("run", "experiment", "key")
}


@dataclass
class Extremes:
    """The least and the greatest finite value seen, None before the first."""

    minimum: float | None = None
    maximum: float | None = None

    def see(self, finite: Sequence[float]) -> None:
        """Widen the extremes by finite values."""
        if finite:
            least, greatest = min(finite), max(finite)
            self.minimum = least if self.minimum is None else min(self.minimum, least)
            self.maximum = greatest if self.maximum is None else max(self.maximum, greatest)


@dataclass
class Bucket(Extremes):
    """The summary of up to 100 points that arrived one after the other: extremes and the last."""

    number: int = 0
    step: int = 0
    timestamp: int = 0
    value: float = math.nan

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Bucket:
        """Return the bucket of a row of ``metric_summaries``: all columns but the first."""
        number, step, timestamp, value, minimum, maximum = row
        return cls(
            number=number,
            step=step,
            timestamp=timestamp,
            value=_float(value),
            minimum=minimum,
            maximum=maximum,
        )

    def extend(self, points: Sequence[Point], finite: Sequence[float]) -> None:
        """Take in the next points, of which ``finite`` are the finite values."""
        last = points[-1]
        self.step, self.timestamp, self.value = last.step, last.timestamp, last.value
        self.see(finite)

    def row(self, series: int) -> dict[str, Any]:
        """Return the row of ``metric_summaries`` that holds this bucket."""
        return {
            "series": series,
            "bucket": self.number,
            "step": self.step,
            "timestamp": self.timestamp,
            "value": self.value,
            "minimum": self.minimum,
            "maximum": self.maximum,
        }


@dataclass
class Series(Extremes):
    """The running state of one series; ``extend`` is all that new points cost beside their rows."""

    id: int = 0
    count: int = 0
    value: float = math.nan
    step: int = 0
    timestamp: int = 0
    sparkline: list[float] = field(default_factory=list)
    sparkline_stride: int = 1

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Series:
        """Return the series of a row of ``metric_series``, of which the ``COLUMNS`` are taken."""
        number, count, value, step, timestamp, minimum, maximum, sparkline, stride = row
        return cls(
            id=number,
            count=count,
            value=_float(value),
            step=step,
            timestamp=timestamp,
            minimum=minimum,
            maximum=maximum,
            sparkline=msgspec.json.decode(sparkline, type=list[float]),
            sparkline_stride=stride,
        )

    def extend(self, points: Sequence[Point], finite: Sequence[float]) -> None:
        """Take in the next points, of which ``finite`` are the finite values.

        The latest is the one of the greatest step, time, then value, as MLflow has it.
        """
        latest = _latest(points)
        if not self.count or _rank(latest) >= _rank(self):
            self.step, self.timestamp, self.value = latest.step, latest.timestamp, latest.value
        self.see(finite)
        self._draw(points)
        self.count += len(points)

    def _draw(self, points: Sequence[Point]) -> None:
        """Add every so manyth value to the sparkline."""
        position = -self.count % self.sparkline_stride
        while position < len(points):
            value = points[position].value
            if math.isfinite(value):
                self.sparkline.append(value)
            if len(self.sparkline) >= SPARKLINE_POINTS:
                # Every second value goes: the line always spans the whole series.
                self.sparkline = self.sparkline[::2]
                self.sparkline_stride *= 2
            position += 1 + -(self.count + position + 1) % self.sparkline_stride

    def row(self) -> dict[str, Any]:
        """Return the columns of ``metric_series`` that hold this state."""
        return {
            "point_count": self.count,
            "value": self.value,
            "step": self.step,
            "timestamp": self.timestamp,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "sparkline": self.sparkline,
            "sparkline_stride": self.sparkline_stride,
        }

    def latest(self, key: str) -> LatestMetric:
        """Return what a client sees of this series."""
        return LatestMetric(
            key=key,
            value=to_wire(self.value),
            step=self.step,
            timestamp=self.timestamp,
            count=self.count,
            minimum=self.minimum,
            maximum=self.maximum,
        )

    def line(self) -> list[float]:
        """Return at most 30 finite values over the whole series, the latest at the end."""
        if math.isfinite(self.value) and (self.count - 1) % self.sparkline_stride:
            return [*self.sparkline, self.value]
        return list(self.sparkline)


def _latest(points: Sequence[Point]) -> Point:
    """Return the last one of the greatest step, time, then value."""
    greatest = max([point.step for point in points])
    # Nearly always one alone, which the rank then need not tell from the others.
    return max([point for point in reversed(points) if point.step == greatest], key=_rank)


def _rank(point: Point | Series) -> tuple[int, int, float]:
    # For MLflow NaN counts as 0.
    return point.step, point.timestamp, 0.0 if math.isnan(point.value) else point.value


def _float(value: float | None) -> float:
    return math.nan if value is None else value
