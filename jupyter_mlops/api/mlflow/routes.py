"""All operations of the MLflow door, one table."""

from __future__ import annotations

from jupyter_mlops.api.mlflow import (
    artifacts,
    datasets,
    experiments,
    logged_models,
    metrics,
    model_aliases,
    model_versions,
    registered_models,
    run_search,
    runs,
    server,
)
from jupyter_mlops.api.routing import Route

ROUTES: tuple[Route, ...] = (
    *server.ROUTES,
    *experiments.ROUTES,
    *runs.ROUTES,
    *run_search.ROUTES,
    *datasets.ROUTES,
    *logged_models.ROUTES,
    *metrics.ROUTES,
    *artifacts.ROUTES,
    *registered_models.ROUTES,
    *model_aliases.ROUTES,
    *model_versions.ROUTES,
)
