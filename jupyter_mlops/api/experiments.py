"""Experiments: list and create."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.experiments import (
    PAGE_MAX_EXPERIMENTS,
    Experiment,
    ExperimentList,
    NewExperiment,
)
from jupyter_mlops.domain.names import LabelText


class ExperimentsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The name of the one to find, whatever its case, or how many to return at most."""

    name: LabelText | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX_EXPERIMENTS)] = PAGE_MAX_EXPERIMENTS


ROUTES = (
    Route(
        method="GET",
        path="experiments",
        operation_id="listExperiments",
        summary="List experiments, the most recently used first, or find the one of a name.",
        handler=lambda services, request: services.experiments.list(
            request.actor, name=request.query.name, limit=request.query.limit
        ),
        action="read",
        resource="mlops:experiments",
        query=ExperimentsQuery,
        answer=ExperimentList,
    ),
    Route(
        method="POST",
        path="experiments",
        operation_id="createExperiment",
        summary="Create an experiment; its name must be new, whatever its case.",
        handler=lambda services, request: services.experiments.create(
            request.actor, request.body, request.idempotency_key
        ),
        action="write",
        resource="mlops:experiments",
        body=NewExperiment,
        headers=frozenset({"Idempotency-Key"}),
        answer=Experiment,
        status=201,
    ),
)
