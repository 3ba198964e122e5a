"""All operations of the REST door, one table."""

from __future__ import annotations

from jupyter_mlops.api import (
    artifacts,
    events,
    experiments,
    kernels,
    metrics,
    notebooks,
    preferences,
    run_records,
    runs,
    status,
    tags,
    trash,
)
from jupyter_mlops.api.routing import Route

ROUTES: tuple[Route, ...] = (
    *status.ROUTES,
    *events.ROUTES,
    *experiments.ROUTES,
    *notebooks.ROUTES,
    *kernels.ROUTES,
    *preferences.ROUTES,
    *runs.ROUTES,
    *trash.ROUTES,
    *tags.ROUTES,
    *metrics.ROUTES,
    *run_records.ROUTES,
    *artifacts.ROUTES,
)
