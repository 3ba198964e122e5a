"""What a client says that a model version is made of becomes a place with files in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.file_places import InLoggedModel, InRun, Place
from jupyter_mlops.domain.model_sources import OfVersion
from jupyter_mlops.domain.model_versions import NewModelVersion
from jupyter_mlops.store import (
    artifacts,
    logged_model_artifacts,
    logged_models,
    model_versions,
    registered_models,
    runs,
)


@dataclass(frozen=True)
class Origin:
    """Where the files of a version are, and which run and logged model made them."""

    place: Place
    run_id: str | None
    model_id: str | None


def origin(connection: Connection, new: NewModelVersion) -> Origin:
    """Return what a new version is made of.

    NotFound when nothing is there; InvalidRequest when it was not made by the run or the logged
    model that the client names.
    """
    if isinstance(new.source, OfVersion):
        found = _of_version(connection, new.source)
    elif isinstance(new.source, InRun):
        found = _in_run(connection, new.source)
    else:
        found = _in_logged_model(connection, new.source)
    if new.run_id and new.run_id != (found.run_id or ""):
        raise _other("run_id")
    if new.model_id and new.model_id != (found.model_id or ""):
        raise _other("model_id")
    return found


def _of_version(connection: Connection, source: OfVersion) -> Origin:
    try:
        model = registered_models.find(connection, source.name)
        found = model_versions.find(connection, model, source.version)
    except NotFound:
        raise NotFound(
            f"Model Version (name={source.name}, version={source.version}) not found",
            field="source",
        ) from None
    version = model_versions.get(connection, found)
    return Origin(version.place, version.run_id, version.model_id)


def _in_run(connection: Connection, source: InRun) -> Origin:
    state = runs.find(connection, source.run_id)
    if state is None:
        raise NotFound(f"Run with id={source.run_id} not found")
    if state.deleted_at is not None:
        raise InvalidRequest(
            f"The run {source.run_id} must be in the 'active' state. Current state is deleted."
        )
    if artifacts.any_at(connection, source.run_id, source.path):
        return Origin(source, source.run_id, None)
    # Models that newer clients log lie beside their run, under the name that was a path before.
    model_id = logged_models.of_run(connection, source.run_id, source.path)
    if model_id is None:
        raise NotFound("The run has no files at the source of this model version.")
    return _in_logged_model(connection, InLoggedModel(model_id, ""))


def _in_logged_model(connection: Connection, source: InLoggedModel) -> Origin:
    known = logged_models.find(connection, source.model_id)
    if known.deleted_at is not None:
        raise logged_models.not_found(source.model_id)
    if not logged_model_artifacts.any_at(connection, source.model_id, source.path):
        raise NotFound("The logged model has no files at the source of this model version.")
    return Origin(source, known.source_run_id, source.model_id)


def _other(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"Invalid model version source. It is not of what the parameter {name} names.", field=name
    )
