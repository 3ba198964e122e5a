"""Runs that a client keeps by itself: it opens them, says how they go, and may open them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from jupyter_mlops.domain.datasets import Lineage
from jupyter_mlops.domain.logged_models import ModelPoint
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import Reason, RunStatus, SourceType

# What a client's word for an end stands for here: it knows no reasons.
REPORTED: dict[RunStatus, Reason | None] = {
    RunStatus.SCHEDULED: None,
    RunStatus.RUNNING: None,
    RunStatus.FINISHED: None,
    RunStatus.FAILED: Reason.CELL_ERROR,
    RunStatus.KILLED: Reason.CANCELLED,
}


class ClientRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a client of MLflow sees it; times in milliseconds, all values as text but metrics.

    ``metrics`` are the latest values; ``lineage`` is what went in and came out.
    """

    run_id: str
    name: str
    experiment_id: int
    user: str
    status: RunStatus
    source_type: SourceType
    notebook: str | None
    note: str
    started_at: int
    ended_at: int | None
    deleted_at: int | None
    metrics: Sequence[Point]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    lineage: Lineage


@dataclass(frozen=True)
class LoggedBatch:
    """What a client logs at once; all of it is stored, or nothing. None leaves name and note.

    ``model_points`` are those of the points that are about logged models, too.
    """

    points: tuple[Point, ...] = ()
    model_points: tuple[ModelPoint, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    name: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class NewClientRun:
    """A run that begins, and what is logged to it at once; ``started_at`` by the client's clock."""

    experiment_id: int
    started_at: int | None
    first: LoggedBatch


@dataclass(frozen=True)
class Report:
    """What a client says of a run; None leaves what is known. Times in milliseconds."""

    status: RunStatus | None = None
    ended_at: int | None = None
    name: str | None = None
