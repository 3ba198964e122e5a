"""Artifacts of a run: list them, read one's bytes."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain.artifacts import ArtifactList
from jupyter_mlops.domain.names import PathText


class ContentQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The logical path of an artifact."""

    path: PathText


ROUTES = (
    Route(
        method="GET",
        path="runs/{run_id}/artifacts",
        operation_id="listArtifacts",
        summary="List the files of a run by path.",
        handler=lambda services, request: services.records.artifacts(
            request.actor, request.path["run_id"]
        ),
        action="read",
        resource="mlops:runs",
        answer=ArtifactList,
    ),
    Route(
        method="GET",
        path="runs/{run_id}/artifacts/content",
        operation_id="getArtifact",
        summary="Read the bytes of one file of a run, whole or a range.",
        handler=lambda services, request: services.records.artifact(
            request.actor, request.path["run_id"], request.query.path
        ),
        action="read",
        resource="mlops:runs",
        query=ContentQuery,
        answer=FileBlob,
    ),
)
