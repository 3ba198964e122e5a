"""Searching runs in MLflow's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.api.mlflow import entities, messages
from jupyter_mlops.api.mlflow.entities import STAGES, RunEntity
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.run_search import RunSearch
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import RUNS
from jupyter_mlops.domain.search_order import parse_order

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

RESULTS_MAX = 50_000
EXPERIMENTS_MAX = 1_000


class Search(Message, frozen=True, kw_only=True):
    """What is looked for; ``extended`` asks for OR, NOT, parentheses and BETWEEN in the filter."""

    experiment_ids: tuple[str, ...] = ()
    filter: str = ""
    run_view_type: str = "ACTIVE_ONLY"
    max_results: int = 1_000
    order_by: tuple[str, ...] = ()
    page_token: str = ""
    extended: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of runs; no token means that it is the last."""

    runs: list[RunEntity] = []
    next_page_token: str = ""


def _search(services: Services, actor: Actor, asked: Search) -> Found:
    if not 1 <= asked.max_results <= RESULTS_MAX:
        raise messages.invalid("max_results", asked.max_results)
    if len(asked.experiment_ids) > EXPERIMENTS_MAX:
        raise messages.invalid("experiment_ids", len(asked.experiment_ids))
    # An id that is no number names no experiment, and finds nothing.
    ids = {int(each) for each in asked.experiment_ids if each.isdecimal() and len(each) <= 18}
    found = services.client_runs.search(
        actor,
        RunSearch(
            experiment_ids=tuple(sorted(ids)),
            condition=parse_filter(asked.filter, RUNS, extended=asked.extended),
            order=parse_order(asked.order_by, RUNS),
            stage=STAGES.get(asked.run_view_type, "active"),
            limit=asked.max_results,
            after=asked.page_token or None,
        ),
    )
    return Found(runs=[entities.run(each) for each in found.runs], next_page_token=found.next or "")


ROUTES = (
    tracking(
        "POST",
        "runs/search",
        handler=_search,
        message=Search,
        action="read",
        resource="mlops:runs",
    ),
)
