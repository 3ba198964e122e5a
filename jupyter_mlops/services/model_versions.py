"""Model versions: register what a run made, find, describe, tag, stage, trash."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.file_places import InRun, Place
from jupyter_mlops.domain.model_search import ModelSearch, ModelVersionPage
from jupyter_mlops.domain.model_versions import (
    EXCLUSIVE_STAGES,
    RUN_LINK_MAX_CHARS,
    ModelFiles,
    ModelVersion,
    NewModelVersion,
)
from jupyter_mlops.services import model_places
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.registered_models import check_description, check_room, check_tags
from jupyter_mlops.store import (
    events,
    logged_models,
    model_search,
    model_versions,
    registered_models,
    runs,
)
from jupyter_mlops.store.database import Database


class ModelVersionService:
    """What can be done with versions; what made one is set when it is made, and never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, actor: Actor, new: NewModelVersion) -> ModelVersion:
        """Register the next version of a model; no byte is copied.

        NotFound when there is no such model, or nothing at the source.
        """
        require(actor, "write", "mlops:models")
        require(actor, "read", "mlops:runs")
        check_description(new.description)
        check_tags(new.tags)
        if len(new.run_link) > RUN_LINK_MAX_CHARS:
            raise InvalidRequest(
                f"A link has at most {RUN_LINK_MAX_CHARS} characters.", field="run_link"
            )
        with self._database.write() as connection:
            model = registered_models.find(connection, new.name)
            origin = model_places.origin(connection, new)
            number = model_versions.insert_next(
                connection,
                model_versions.NewVersionRow(
                    model=model,
                    user=actor.user,
                    created_at=now_ms(),
                    source=new.address,
                    place=origin.place,
                    run_id=origin.run_id,
                    model_id=origin.model_id,
                    run_link=new.run_link,
                    description=new.description,
                ),
                new.tags,
            )
            _tell(connection, EventType.MODEL_VERSION_CREATED, model, number, actor)
            return model_versions.get(connection, model_versions.find(connection, model, number))

    def get(self, actor: Actor, name: str, number: int) -> ModelVersion:
        """Return one version of the model of a name."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            _, version = find(connection, name, number)
            return model_versions.get(connection, version)

    def search(self, actor: Actor, search: ModelSearch) -> ModelVersionPage:
        """Return one page of the versions that match."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            return model_search.model_version_page(connection, search)

    def files(self, actor: Actor, name: str, number: int) -> ModelFiles:
        """Return where the files of a version are."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            _, version = find(connection, name, number)
            place = model_versions.get(connection, version).place
            return ModelFiles(self._experiment_of(connection, place), place)

    def describe(self, actor: Actor, name: str, number: int, description: str) -> ModelVersion:
        """Set the description of a version."""
        require(actor, "write", "mlops:models")
        check_description(description)
        with self._database.write() as connection:
            model, version = find(connection, name, number)
            model_versions.describe(connection, version, description, now_ms())
            _tell(connection, EventType.MODEL_VERSION_CHANGED, model, number, actor)
            return model_versions.get(connection, version)

    def set_stage(
        self, actor: Actor, name: str, number: int, stage: str, *, archive_others: bool
    ) -> ModelVersion:
        """Put a version into a stage, and the others in it into the archive if asked to."""
        require(actor, "write", "mlops:models")
        if archive_others and stage not in EXCLUSIVE_STAGES:
            raise InvalidRequest(
                "Existing versions can be archived only by a transition to one of "
                f"{', '.join(EXCLUSIVE_STAGES)}.",
                field="archive_existing_versions",
            )
        with self._database.write() as connection:
            model, version = find(connection, name, number)
            now = now_ms()
            changed = [number]
            if archive_others:
                changed += model_versions.archive_others(connection, version, stage, now)
            model_versions.set_stage(connection, version, stage, now)
            for each in changed:
                _tell(connection, EventType.MODEL_VERSION_CHANGED, model, each, actor)
            return model_versions.get(connection, version)

    def trash(self, actor: Actor, name: str, number: int) -> None:
        """Move a version to the trash; its number is not given again, aliases on it are gone."""
        require(actor, "write", "mlops:models")
        with self._database.write(clean_up=True) as connection:
            model, version = find(connection, name, number)
            for alias in model_versions.trash(connection, version, now_ms()):
                events.append(connection, EventType.ALIAS_REMOVED, f"{model}/{alias}", actor.user)
            _tell(connection, EventType.MODEL_VERSION_DELETED, model, number, actor)

    def set_tag(self, actor: Actor, name: str, number: int, key: str, value: str) -> None:
        """Set one tag; the last value stands."""
        require(actor, "write", "mlops:models")
        check_tags({key: value})
        with self._database.write() as connection:
            model, version = find(connection, name, number)
            check_room(model_versions.tag_keys(connection, version), key)
            model_versions.set_tag(connection, version, key, value)
            _tell(connection, EventType.MODEL_VERSION_CHANGED, model, number, actor)

    def remove_tag(self, actor: Actor, name: str, number: int, key: str) -> None:
        """Remove one tag, if the version carries it."""
        require(actor, "write", "mlops:models")
        with self._database.write() as connection:
            model, version = find(connection, name, number)
            if model_versions.remove_tag(connection, version, key):
                _tell(connection, EventType.MODEL_VERSION_CHANGED, model, number, actor)

    def _experiment_of(self, connection: Connection, place: Place) -> int:
        if isinstance(place, InRun):
            holder = runs.find(connection, place.run_id)
            if holder is not None:
                return holder.experiment_id
        else:
            with suppress(NotFound):
                return logged_models.find(connection, place.model_id).experiment
        raise NotFound("The files of this model version are gone.")


def find(connection: Connection, name: str, number: int) -> tuple[int, int]:
    """Return the numbers of model and version; NotFound when there is no such version."""
    model = registered_models.find(connection, name)
    return model, model_versions.find(connection, model, number)


def _tell(connection: Connection, event: EventType, model: int, number: int, actor: Actor) -> None:
    events.append(connection, event, f"{model}/{number}", actor.user)
