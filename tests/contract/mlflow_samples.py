"""A well-formed message for each route of the MLflow door, about objects that do not exist."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from jupyter_mlops.api.routing import Route

ABSENT_EXPERIMENT = "999999"
ABSENT_MODEL = f"m-{'0' * 32}"
_RUN = object()
_OF_RUN: dict[str, Any] = {"run_id": _RUN}
_OF_EXPERIMENT: dict[str, Any] = {"experiment_id": ABSENT_EXPERIMENT}
_OF_MODEL: dict[str, Any] = {"name": "absent"}
_OF_VERSION: dict[str, Any] = {**_OF_MODEL, "version": "1"}
_NOTHING: dict[str, Any] = {}
_MESSAGES: dict[str, dict[str, Any]] = {
    "mlflow.health": _NOTHING,
    "mlflow.runs/log-inputs": {
        **_OF_RUN,
        "datasets": [
            {
                "dataset": {
                    "name": "wine",
                    "digest": "abc",
                    "source_type": "local",
                    "source": "{}",
                },
                "tags": [{"key": "mlflow.data.context", "value": "training"}],
            }
        ],
    },
    "mlflow.runs/outputs": {**_OF_RUN, "models": [{"model_id": ABSENT_MODEL, "step": 0}]},
    "mlflow.logged-models": {**_OF_EXPERIMENT, "name": "made"},
    "mlflow.logged-models/search": {"experiment_ids": [ABSENT_EXPERIMENT], "max_results": 1},
    "mlflow.logged-models.get": _NOTHING,
    "mlflow.logged-models.finalize": {"status": "LOGGED_MODEL_READY"},
    "mlflow.logged-models.delete": _NOTHING,
    "mlflow.logged-models.params": {"params": [{"key": "k", "value": "v"}]},
    "mlflow.logged-models.tags": {"tags": [{"key": "k", "value": "v"}]},
    "mlflow.logged-models.delete-tag": _NOTHING,
    "mlflow.logged-models.artifacts": _NOTHING,
    "mlflow.registered-models/create": {"name": "made/badly"},
    "mlflow.registered-models/get": _OF_MODEL,
    "mlflow.registered-models/search": {"max_results": 1},
    "mlflow.registered-models/update": {**_OF_MODEL, "description": "changed"},
    "mlflow.registered-models/rename": {**_OF_MODEL, "new_name": "renamed"},
    "mlflow.registered-models/delete": _OF_MODEL,
    "mlflow.registered-models/set-tag": {**_OF_MODEL, "key": "k", "value": "v"},
    "mlflow.registered-models/delete-tag": {**_OF_MODEL, "key": "k"},
    "mlflow.registered-models/get-latest-versions": _OF_MODEL,
    "mlflow.registered-models/alias": {**_OF_VERSION, "alias": "champion"},
    "mlflow.model-versions/create": {**_OF_MODEL, "source": f"models:/{ABSENT_MODEL}"},
    "mlflow.model-versions/get": _OF_VERSION,
    "mlflow.model-versions/search": {"max_results": 1},
    "mlflow.model-versions/update": {**_OF_VERSION, "description": "changed"},
    "mlflow.model-versions/delete": _OF_VERSION,
    "mlflow.model-versions/set-tag": {**_OF_VERSION, "key": "k", "value": "v"},
    "mlflow.model-versions/delete-tag": {**_OF_VERSION, "key": "k"},
    "mlflow.model-versions/transition-stage": {**_OF_VERSION, "stage": "Staging"},
    "mlflow.model-versions/get-download-uri": _OF_VERSION,
    "mlflow.version": _NOTHING,
    "mlflow.server-info": _NOTHING,
    # There is an experiment of this name from the beginning.
    "mlflow.experiments/create": {"name": "Default"},
    "mlflow.experiments/get": _OF_EXPERIMENT,
    "mlflow.experiments/get-by-name": {"experiment_name": "absent"},
    "mlflow.experiments/search": {"max_results": 1},
    "mlflow.experiments/update": {**_OF_EXPERIMENT, "new_name": "renamed"},
    "mlflow.experiments/delete": _OF_EXPERIMENT,
    "mlflow.experiments/restore": _OF_EXPERIMENT,
    "mlflow.experiments/set-experiment-tag": {**_OF_EXPERIMENT, "key": "k", "value": "v"},
    "mlflow.experiments/delete-experiment-tag": {**_OF_EXPERIMENT, "key": "k"},
    "mlflow.runs/create": {**_OF_EXPERIMENT, "run_name": "made", "start_time": 1},
    "mlflow.runs/get": _OF_RUN,
    "mlflow.runs/update": {**_OF_RUN, "status": "RUNNING", "run_name": "renamed"},
    "mlflow.runs/delete": _OF_RUN,
    "mlflow.runs/restore": _OF_RUN,
    "mlflow.runs/log-metric": {**_OF_RUN, "key": "k", "value": 1.5, "timestamp": 1, "step": 0},
    "mlflow.runs/log-parameter": {**_OF_RUN, "key": "k", "value": "v"},
    "mlflow.runs/set-tag": {**_OF_RUN, "key": "k", "value": "v"},
    "mlflow.runs/delete-tag": {**_OF_RUN, "key": "absent"},
    "mlflow.runs/log-batch": {
        **_OF_RUN,
        "metrics": [{"key": "k", "value": 1.5, "timestamp": 1, "step": 0}],
        "params": [{"key": "k", "value": "v"}],
        "tags": [{"key": "k", "value": "v"}],
    },
    "mlflow.runs/search": {"experiment_ids": [ABSENT_EXPERIMENT], "max_results": 1},
    "mlflow.metrics/get-history": {**_OF_RUN, "metric_key": "absent"},
    "mlflow.artifacts/list": _OF_RUN,
    "mlflow.-artifacts/artifacts": {"path": f"{ABSENT_EXPERIMENT}/{'0' * 32}/artifacts"},
    "mlflow.artifacts.put": _NOTHING,
    "mlflow.artifacts.get": _NOTHING,
    "mlflow.artifacts.delete": _NOTHING,
    "mlflow.mpu.create": _NOTHING,
    "mlflow.mpu.complete": _NOTHING,
    "mlflow.mpu.abort": _NOTHING,
    "mlflow.presigned": _NOTHING,
}


def message(route: Route, run_id: str) -> dict[str, Any]:
    """Return the fields of a message for ``route``; every route must have one here."""
    fields = _MESSAGES[route.operation_id]
    return {name: run_id if value is _RUN else value for name, value in fields.items()}


def path(route: Route, run_id: str) -> str:
    """Return the address of ``route`` below the prefix of the door."""
    file = f"{ABSENT_EXPERIMENT}/{run_id}/artifacts/absent.txt"
    return (
        route.path.replace("{path...}", file)
        .replace("{model_id}", ABSENT_MODEL)
        .replace("{tag_key...}", "k")
    )


def query(fields: dict[str, Any]) -> str:
    """Return fields as the query of a GET, which ends a path."""
    return f"?{urlencode(fields, doseq=True)}" if fields else ""


def body(route: Route, fields: dict[str, Any]) -> bytes | None:
    """Return fields as the body that ``route`` takes: bytes of a file, a message, or none."""
    if route.upload:
        return b"bytes of a file"
    return None if route.method == "GET" else json.dumps(fields).encode()
