"""Notebooks: what a notebook would need to run."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.names import PathText
from jupyter_mlops.domain.notebooks import NotebookInspection


class InspectQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The contents path of a notebook, relative to the server's root folder."""

    path: PathText


ROUTES = (
    Route(
        method="GET",
        path="notebooks/parameters",
        operation_id="inspectNotebook",
        summary="Read the parameters, kernel and last-used values of a notebook.",
        handler=lambda services, request: services.notebooks.inspect(
            request.actor, request.query.path
        ),
        action="read",
        resource="mlops:notebooks",
        query=InspectQuery,
        answer=NotebookInspection,
    ),
)
