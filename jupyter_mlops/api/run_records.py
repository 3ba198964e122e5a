"""What a run left behind: its cells, environment, log and notebooks."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.artifacts import LOG_PAGE_MAX_BYTES, LogPage
from jupyter_mlops.domain.cells import CellList
from jupyter_mlops.domain.environments import Environment


class LogQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which byte to read, -1 for the last ``limit`` bytes; ``limit`` in bytes."""

    after: Annotated[int, msgspec.Meta(ge=-1)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=LOG_PAGE_MAX_BYTES)] = 65_536


class NotebookQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the notebook as it was read, or with the outputs of the run."""

    kind: Literal["source", "executed"] = "executed"


ROUTES = (
    Route(
        method="GET",
        path="runs/{run_id}/cells",
        operation_id="listCells",
        summary="List the code cells of a run with state, duration and error.",
        handler=lambda services, request: services.records.cells(
            request.actor, request.path["run_id"]
        ),
        action="read",
        resource="mlops:runs",
        answer=CellList,
    ),
    Route(
        method="GET",
        path="runs/{run_id}/environment",
        operation_id="getEnvironment",
        summary="Read where a run ran; not found until it was captured.",
        handler=lambda services, request: services.records.environment(
            request.actor, request.path["run_id"]
        ),
        action="read",
        resource="mlops:runs",
        answer=Environment,
    ),
    Route(
        method="GET",
        path="runs/{run_id}/log",
        operation_id="readLog",
        summary="Read a piece of a run's log.",
        handler=lambda services, request: services.records.log(
            request.actor, request.path["run_id"], request.query.after, request.query.limit
        ),
        action="read",
        resource="mlops:runs",
        query=LogQuery,
        answer=LogPage,
    ),
    Route(
        method="GET",
        path="runs/{run_id}/notebook",
        operation_id="getNotebook",
        summary="Read a run's source or executed notebook; live while the run is on.",
        handler=lambda services, request: services.records.notebook(
            request.actor, request.path["run_id"], request.query.kind
        ),
        action="read",
        resource="mlops:runs",
        query=NotebookQuery,
        answer=FileBlob,
    ),
)
