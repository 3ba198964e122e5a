"""Trash: say what is in it, delete one run or all for good."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.trash import Purged, TrashContents

CHANGE: dict[str, Any] = {"action": "write", "resource": "mlops:runs", "answer": Purged}

ROUTES = (
    Route(
        method="GET",
        path="trash",
        operation_id="getTrash",
        summary="How much is in the trash.",
        handler=lambda services, request: services.trash.contents(request.actor),
        action="read",
        resource="mlops:runs",
        also=(("read", "mlops:experiments"),),
        answer=TrashContents,
    ),
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
            "Delete the runs, experiments and logged models in the trash for good, as many as a few "
            "seconds allow; it cannot be undone."
        ),
        handler=lambda services, request: services.trash.empty(request.actor),
        also=(("write", "mlops:experiments"),),
        **CHANGE,
    ),
)
