"""Experiments: list and create."""

from __future__ import annotations

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.experiments import Experiment, ExperimentList, NewExperiment

ROUTES = (
    Route(
        method="GET",
        path="experiments",
        operation_id="listExperiments",
        summary="List all experiments, the most recently used first.",
        handler=lambda services, request: services.experiments.list(request.actor),
        action="read",
        resource="mlops:experiments",
        answer=ExperimentList,
    ),
    Route(
        method="POST",
        path="experiments",
        operation_id="createExperiment",
        summary="Create an experiment; its name must be new, whatever its case.",
        handler=lambda services, request: services.experiments.create(request.actor, request.body),
        action="write",
        resource="mlops:experiments",
        body=NewExperiment,
        answer=Experiment,
        status=201,
    ),
)
