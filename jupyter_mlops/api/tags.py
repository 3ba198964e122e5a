"""Tags of a run: set one, remove one."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.names import KeyText
from jupyter_mlops.domain.runs import Run, TagChange


class TagQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tag."""

    key: KeyText


ROUTES = (
    Route(
        method="PUT",
        path="runs/{run_id}/tags",
        operation_id="setTag",
        summary="Set one tag of a run; the last value stands.",
        handler=lambda services, request: services.runs.set_tag(
            request.actor, request.path["run_id"], request.body
        ),
        action="write",
        resource="mlops:runs",
        body=TagChange,
        answer=Run,
        etag=True,
    ),
    Route(
        method="DELETE",
        path="runs/{run_id}/tags",
        operation_id="removeTag",
        summary="Remove one tag of a run.",
        handler=lambda services, request: services.runs.remove_tag(
            request.actor, request.path["run_id"], request.query.key
        ),
        action="write",
        resource="mlops:runs",
        query=TagQuery,
        answer=Run,
        etag=True,
    ),
)
