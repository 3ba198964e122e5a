"""A client of the tracking door that knows nothing but its environment, as MLflow's own does.

For the cells of notebooks in tests: `from tests.tracking_client import …`.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """Return status and content of the answer to one request."""
    uri = os.environ["MLFLOW_TRACKING_URI"]
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{uri}/api/2.0/mlflow/{path}", data, method=method)  # noqa: S310
    request.add_header("Authorization", f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}")
    request.add_header("Content-Type", "application/json")
    trusts = ssl.create_default_context(cafile=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH"))
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=trusts))
    try:
        with opener.open(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refusal:
        return refusal.code, json.load(refusal)


def tell(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """Return the content of the answer to a request that is fine."""
    status, said = ask(method, path, body)
    assert status == 200, (status, said)
    return said


def start_run(**tags: str) -> str:
    """Open a run as `mlflow.start_run` does, with the tags of the environment; return its id."""
    context = json.loads(os.environ.get("MLFLOW_RUN_CONTEXT", "{}")) | tags
    body = {
        "experiment_id": os.environ.get("MLFLOW_EXPERIMENT_ID", "0"),
        "start_time": time.time_ns() // 1_000_000,
        "tags": [{"key": key, "value": value} for key, value in context.items()],
    }
    return str(tell("POST", "runs/create", body)["run"]["info"]["run_id"])


def end_run(run_id: str, status: str = "FINISHED") -> None:
    """End a run as `mlflow.end_run` does."""
    tell("POST", "runs/update", {"run_id": run_id, "status": status, "end_time": 1})
