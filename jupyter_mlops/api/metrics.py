"""Metrics of a run: the history of one, thinned to what a plot can show."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.metrics import HISTORY_MAX_POINTS, History
from jupyter_mlops.domain.names import KeyText


class HistoryQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which metric, and into how many points to thin its history at most."""

    key: KeyText
    max_points: Annotated[int, msgspec.Meta(ge=1, le=HISTORY_MAX_POINTS)] = 1_000


ROUTES = (
    Route(
        method="GET",
        path="runs/{run_id}/metrics",
        operation_id="getHistory",
        summary="Read one metric of a run over its steps.",
        handler=lambda services, request: services.records.history(
            request.actor, request.path["run_id"], request.query.key, request.query.max_points
        ),
        action="read",
        resource="mlops:runs",
        query=HistoryQuery,
        answer=History,
    ),
)
