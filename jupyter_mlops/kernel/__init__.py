"""What notebooks and scripts call: recording a run, and ordering one; standard library only."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_mlops.kernel.active_run import Run, current_run, end_run, start_run
from jupyter_mlops.kernel.artifacts import (
    log_artifact,
    log_artifacts,
    log_dict,
    log_figure,
    log_text,
)
from jupyter_mlops.kernel.metrics import log_metric, log_metrics
from jupyter_mlops.kernel.notices import TrackingWarning
from jupyter_mlops.kernel.parameters import log_param, log_params
from jupyter_mlops.kernel.tags import set_tag, set_tags

if TYPE_CHECKING:
    from jupyter_mlops.kernel.orders import run, runs, status

_ORDERS = ("run", "runs", "status")

__all__ = [
    "Run",
    "TrackingWarning",
    "current_run",
    "end_run",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_text",
    "run",
    "runs",
    "set_tag",
    "set_tags",
    "start_run",
    "status",
]


def __getattr__(name: str) -> Any:
    """Import what speaks to a server at its first use: logging alone needs no HTTP."""
    if name not in _ORDERS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.orders"), name)
