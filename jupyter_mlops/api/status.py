"""Status: the first call of every client."""

from __future__ import annotations

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.server_status import ServerStatus

ROUTES = (
    Route(
        method="GET",
        path="status",
        operation_id="getStatus",
        summary="Tell the state of the store and the queue, and who is asking.",
        handler=lambda services, request: services.status(request.actor),
        action="read",
        resource="mlops:server",
        answer=ServerStatus,
    ),
)
