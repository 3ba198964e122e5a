"""What is known of a series without its points: extent, latest value, sparkline, summaries."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row

from jupyter_mlops.domain.metrics import LatestMetric, Point, to_wire

SUMMARY_POINTS = 100
SPARKLINE_POINTS = 30


@dataclass
class Extremes:
    """The least and the greatest finite value seen, None before the first."""

    minimum: float | None = None
    maximum: float | None = None

    def see(self, value: float) -> None:
        """Widen the extremes by one value."""
        if math.isfinite(value):
            self.minimum = value if self.minimum is None else min(self.minimum, value)
            self.maximum = value if self.maximum is None else max(self.maximum, value)


@dataclass
class Bucket(Extremes):
    """The summary of up to 100 points that arrived one after the other: extremes and the last."""

    number: int = 0
    step: int = 0
    timestamp: int = 0
    value: float = math.nan

    @classmethod
    def from_row(cls, row: Row[Any]) -> Bucket:
        """Return the bucket that a row of ``metric_summaries`` holds."""
        return cls(
            number=row.bucket,
            step=row.step,
            timestamp=row.timestamp,
            value=_float(row.value),
            minimum=row.minimum,
            maximum=row.maximum,
        )

    def add(self, point: Point) -> None:
        """Take in the next point."""
        self.step, self.timestamp, self.value = point.step, point.timestamp, point.value
        self.see(point.value)

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
    """The running state of one series; ``add`` is all that a new point costs beside its row."""

    id: int = 0
    count: int = 0
    value: float = math.nan
    step: int = 0
    timestamp: int = 0
    sparkline: list[float] = field(default_factory=list)
    sparkline_stride: int = 1

    @classmethod
    def from_row(cls, row: Row[Any]) -> Series:
        """Return the series that a row of ``metric_series`` holds."""
        return cls(
            id=row.id,
            count=row.point_count,
            value=_float(row.value),
            step=row.step,
            timestamp=row.timestamp,
            minimum=row.minimum,
            maximum=row.maximum,
            sparkline=row.sparkline,
            sparkline_stride=row.sparkline_stride,
        )

    def add(self, point: Point) -> None:
        """Take in the next point; the latest is the one of the greatest step, time, then value.

        That is MLflow's rule, for which NaN counts as 0.
        """
        if not self.count or _rank(point) >= _rank(self):
            self.step, self.timestamp, self.value = point.step, point.timestamp, point.value
        self.see(point.value)
        if self.count % self.sparkline_stride == 0 and math.isfinite(point.value):
            self.sparkline.append(point.value)
            if len(self.sparkline) >= SPARKLINE_POINTS:
                # Every second value goes: the line always spans the whole series.
                self.sparkline = self.sparkline[::2]
                self.sparkline_stride *= 2
        self.count += 1

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


def _rank(point: Point | Series) -> tuple[int, int, float]:
    return point.step, point.timestamp, 0.0 if math.isnan(point.value) else point.value


def _float(value: float | None) -> float:
    return math.nan if value is None else value
