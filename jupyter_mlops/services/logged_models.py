"""Logged models: made by a client, given files, found out about, searched for, deleted."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from jupyter_mlops.domain import logged_models as rules
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.logged_models import (
    LoggedModel,
    LoggedModelPage,
    LoggedModelSearch,
    LoggedModelStatus,
    NewLoggedModel,
)
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.random_names import random_name
from jupyter_mlops.store import events, experiments, logged_model_search, logged_models
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.logged_models import ModelState


class LoggedModelService:
    """What can be done with logged models; their files are the ArtifactService's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, actor: Actor, new: NewLoggedModel) -> LoggedModel:
        """Make a model that waits for its files."""
        require(actor, "write", "mlops:runs")
        name = random_name() if new.name is None else rules.check_name(new.name)
        model_type = None if new.model_type is None else rules.check_type(new.model_type)
        parameters, tags = rules.check_pairs(new.parameters), rules.check_pairs(new.tags)
        model_id = rules.new_model_id()
        with self._database.write() as connection:
            if experiments.is_deleted(connection, new.experiment_id):
                raise InvalidRequest(
                    f"The experiment {new.experiment_id} must be in the 'active' state. "
                    "Current state is deleted."
                )
            seq = logged_models.insert(
                connection,
                logged_models.NewModelRow(
                    model_id=model_id,
                    experiment=new.experiment_id,
                    name=name,
                    model_type=model_type,
                    source_run_id=new.source_run_id,
                    user=actor.user,
                    created_at=now_ms(),
                ),
            )
            logged_models.add_parameters(connection, seq, parameters)
            logged_models.set_tags(connection, seq, tags)
            self._tell(connection, EventType.LOGGED_MODEL_CREATED, model_id, actor)
            return logged_models.get(connection, model_id)

    def get(self, actor: Actor, model_id: str, *, deleted: bool = False) -> LoggedModel:
        """Return one model; a deleted one only when that is asked for."""
        require(actor, "read", "mlops:runs")
        with self._database.read() as connection:
            found = logged_models.get(connection, model_id)
        if found.deleted_at is not None and not deleted:
            raise logged_models.not_found(model_id)
        return found

    def search(self, actor: Actor, search: LoggedModelSearch) -> LoggedModelPage:
        """Return one page of the models that match."""
        require(actor, "read", "mlops:runs")
        with self._database.read() as connection:
            return logged_model_search.page(connection, search)

    def finalize(self, actor: Actor, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """Take a client's word for how far a model is; Conflict for one that would begin anew."""
        require(actor, "write", "mlops:runs")
        with self._database.write() as connection:
            model = logged_models.find(connection, model_id)
            if not rules.may_become(model.status, status):
                raise Conflict(
                    "A logged model that is finalized does not become pending again.",
                    field="status",
                )
            logged_models.set_status(connection, model, status, now_ms())
            self._tell(connection, EventType.LOGGED_MODEL_CHANGED, model_id, actor)
            return logged_models.get(connection, model_id)

    def trash(self, actor: Actor, model_id: str) -> None:
        """Delete a model; it and its files go with the next purge. Once more changes nothing."""
        require(actor, "write", "mlops:runs")
        with self._database.write(clean_up=True) as connection:
            model = logged_models.find(connection, model_id)
            logged_models.trash(connection, model, now_ms())
            self._tell(connection, EventType.LOGGED_MODEL_DELETED, model_id, actor)

    def log_parameters(self, actor: Actor, model_id: str, values: Mapping[str, str]) -> None:
        """Add parameters; InvalidRequest for one that is there with another value."""
        require(actor, "write", "mlops:runs")
        rules.check_pairs(values)
        with self._database.write() as connection:
            model = logged_models.find(connection, model_id)
            _check_unchanged(connection, model, values)
            logged_models.add_parameters(connection, model.seq, values)
            self._tell(connection, EventType.LOGGED_MODEL_CHANGED, model_id, actor)

    def set_tags(self, actor: Actor, model_id: str, values: Mapping[str, str]) -> None:
        """Set tags; the last value stands."""
        require(actor, "write", "mlops:runs")
        rules.check_pairs(values)
        with self._database.write() as connection:
            model = logged_models.find(connection, model_id)
            logged_models.set_tags(connection, model.seq, values)
            self._tell(connection, EventType.LOGGED_MODEL_CHANGED, model_id, actor)

    def remove_tag(self, actor: Actor, model_id: str, key: str) -> None:
        """Remove one tag; NotFound when the model does not carry it."""
        require(actor, "write", "mlops:runs")
        with self._database.write() as connection:
            model = logged_models.find(connection, model_id)
            if not logged_models.remove_tag(connection, model.seq, key):
                shown = key[: rules.KEY_MAX_CHARS]
                raise NotFound(f"No tag with key {shown!r} found for model with ID {model_id!r}.")
            self._tell(connection, EventType.LOGGED_MODEL_CHANGED, model_id, actor)

    def _tell(self, connection: Connection, event: EventType, model_id: str, actor: Actor) -> None:
        events.append(connection, event, model_id, actor.user)


def _check_unchanged(connection: Connection, model: ModelState, values: Mapping[str, str]) -> None:
    for key, value in logged_models.parameters_among(connection, model.seq, values).items():
        if values[key] != value:
            raise InvalidRequest(
                f"Changing param values is not allowed. Param with key='{key}' was already "
                f"logged for the model with ID '{model.model_id}'.",
                field="value",
            )
