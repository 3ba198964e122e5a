"""What notebooks and scripts call: recording a run, and ordering one; standard library only."""

from __future__ import annotations

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
    "set_tag",
    "set_tags",
    "start_run",
]
