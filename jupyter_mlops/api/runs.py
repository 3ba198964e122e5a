"""Runs: submit, list, read, change, cancel, repeat, delete, restore."""

from __future__ import annotations

from typing import Any

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.kernel_scopes import GRANTED
from jupyter_mlops.domain.notebooks import NotebookInspection
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import NewRun, Rerun, Run, RunChange, RunPage

ONE: dict[str, Any] = {"resource": "mlops:runs", "answer": Run, "etag": True}

ROUTES = (
    Route(
        method="POST",
        path="runs",
        operation_id="submitRun",
        summary="Queue a run of a notebook; the same Idempotency-Key gives the same answer.",
        handler=lambda services, request: services.runs.submit(
            request.actor, request.body, request.idempotency_key
        ),
        action="execute",
        # Who may not do what the token of a kernel grants gets a run without one.
        wanted=GRANTED,
        body=NewRun,
        status=202,
        headers=frozenset({"Idempotency-Key"}),
        location="runs/{run_id}",
        **ONE,
    ),
    Route(
        method="GET",
        path="runs",
        operation_id="listRuns",
        summary="List runs, newest first, by pages.",
        handler=lambda services, request: services.runs.page(request.actor, request.query),
        action="read",
        resource="mlops:runs",
        query=RunQuery,
        answer=RunPage,
    ),
    Route(
        method="GET",
        path="runs/{run_id}",
        operation_id="getRun",
        summary="Read one run; the ETag is its version.",
        handler=lambda services, request: services.runs.get(request.actor, request.path["run_id"]),
        action="read",
        **ONE,
    ),
    Route(
        method="GET",
        path="runs/{run_id}/source/parameters",
        operation_id="inspectRunSource",
        summary="Read the form of a run's recorded source, with the values that the run was given.",
        handler=lambda services, request: services.runs.inspect_source(
            request.actor, request.path["run_id"]
        ),
        action="read",
        resource="mlops:runs",
        answer=NotebookInspection,
    ),
    Route(
        method="PATCH",
        path="runs/{run_id}",
        operation_id="changeRun",
        summary="Rename a run, edit its note, or move it; If-Match guards against lost updates.",
        handler=lambda services, request: services.runs.change(
            request.actor, request.path["run_id"], request.body, request.expected_version
        ),
        action="write",
        body=RunChange,
        headers=frozenset({"If-Match"}),
        **ONE,
    ),
    Route(
        method="DELETE",
        path="runs/{run_id}",
        operation_id="trashRun",
        summary="Move an ended run to the trash.",
        handler=lambda services, request: services.runs.trash(
            request.actor, request.path["run_id"]
        ),
        action="write",
        **ONE,
    ),
    Route(
        method="POST",
        path="runs/{run_id}/restore",
        operation_id="restoreRun",
        summary="Take a run back out of the trash.",
        handler=lambda services, request: services.runs.restore(
            request.actor, request.path["run_id"]
        ),
        action="write",
        **ONE,
    ),
    Route(
        method="POST",
        path="runs/{run_id}/cancel",
        operation_id="cancelRun",
        summary="Ask for a run to stop: a queued one ends at once, a running one within seconds.",
        handler=lambda services, request: services.runs.cancel(
            request.actor, request.path["run_id"]
        ),
        action="execute",
        status=202,
        **ONE,
    ),
    Route(
        method="POST",
        path="runs/{run_id}/rerun",
        operation_id="rerunRun",
        summary="Queue the recorded source of a run again, with some parameters replaced.",
        handler=lambda services, request: services.runs.rerun(
            request.actor, request.path["run_id"], request.body, request.idempotency_key
        ),
        action="execute",
        also=(("read", "mlops:runs"),),
        wanted=GRANTED,
        body=Rerun,
        status=202,
        headers=frozenset({"Idempotency-Key"}),
        location="runs/{run_id}",
        **ONE,
    ),
)
