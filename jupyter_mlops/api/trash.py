"""Trash: delete runs in it for good, one or all."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.trash import Purged

CHANGE: dict[str, Any] = {"action": "write", "resource": "mlops:runs", "answer": Purged}

ROUTES = (
    Route(
        method="POST",
        path="runs/{run_id}/purge",
        operation_id="purgeRun",
        summary="Delete a run in the trash for good, with its files; it cannot be undone.",
        handler=lambda services, request: services.trash.purge(
            request.actor, request.path["run_id"]
        ),
        **CHANGE,
    ),
    Route(
        method="POST",
        path="trash/empty",
        operation_id="emptyTrash",
        summary=(
            "Delete the runs in the trash for good, as many as a few seconds allow; "
            "it cannot be undone."
        ),
        handler=lambda services, request: services.trash.empty(request.actor),
        **CHANGE,
    ),
)
