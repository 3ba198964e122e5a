"""The history of a metric in MLflow's words, by pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.api.mlflow import entities, messages, page_tokens
from jupyter_mlops.api.mlflow.entities import MetricEntity
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.api.mlflow.runs import Chosen, run_id
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.metrics import Point

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

PAGE_MAX = 25_000


class GetHistory(Chosen, frozen=True, kw_only=True):
    """Which metric, and which page of it."""

    metric_key: str
    max_results: int | None = None
    page_token: str = ""


class History(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of points; no token means that it is the last."""

    metrics: list[Point | MetricEntity] = []
    next_page_token: str = ""


def _get_history(services: Services, actor: Actor, asked: GetHistory) -> History:
    limit = PAGE_MAX if asked.max_results is None else asked.max_results
    if not 1 <= limit <= PAGE_MAX:
        raise messages.invalid("max_results", limit)
    start = page_tokens.offset(asked.page_token)
    chosen = run_id(asked)
    try:
        points = services.records.points(actor, chosen, asked.metric_key, start, limit + 1)
    except NotFound:
        # MLflow answers with nothing for a run or metric that is not there.
        return History()
    return History(
        metrics=entities.metrics(points[:limit]),
        next_page_token=page_tokens.after(start + limit) if len(points) > limit else "",
    )


ROUTES = (
    tracking(
        "GET",
        "metrics/get-history",
        handler=_get_history,
        message=GetHistory,
        action="read",
        resource="mlops:runs",
    ),
)
