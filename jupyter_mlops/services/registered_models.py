"""Registered models: register a name, find, describe, tag, rename, trash."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, TooLarge
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.model_search import ModelSearch, RegisteredModelPage
from jupyter_mlops.domain.registered_models import (
    DESCRIPTION_MAX_CHARS,
    TAG_MAX_CHARS,
    TAGS_MAX,
    NewRegisteredModel,
    RegisteredModel,
)
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, model_search, registered_models
from jupyter_mlops.store.database import Database


class RegisteredModelService:
    """What can be done with registered models; what their versions can do is another service's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, actor: Actor, new: NewRegisteredModel) -> RegisteredModel:
        """Register a name; Conflict when it is taken, whatever its case."""
        require(actor, "write", "mlops:models")
        name = names.model_name(new.name)
        check_description(new.description)
        check_tags(new.tags)
        with self._database.write() as connection:
            model = registered_models.create(
                connection, name, new.description, actor.user, now_ms()
            )
            for key, value in new.tags.items():
                registered_models.set_tag(connection, model, key, value)
            _tell(connection, EventType.REGISTERED_MODEL_CREATED, model, actor)
            return registered_models.get(connection, model)

    def get(self, actor: Actor, name: str) -> RegisteredModel:
        """Return the model of a name, whatever its case."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            return registered_models.get(connection, registered_models.find(connection, name))

    def search(self, actor: Actor, search: ModelSearch) -> RegisteredModelPage:
        """Return one page of the models that match."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            return model_search.registered_model_page(connection, search)

    def describe(self, actor: Actor, name: str, description: str) -> RegisteredModel:
        """Set the description of a model."""
        require(actor, "write", "mlops:models")
        check_description(description)
        with self._database.write() as connection:
            model = registered_models.find(connection, name)
            registered_models.describe(connection, model, description, now_ms())
            _tell(connection, EventType.REGISTERED_MODEL_CHANGED, model, actor)
            return registered_models.get(connection, model)

    def rename(self, actor: Actor, name: str, new_name: str) -> RegisteredModel:
        """Give a model another name; Conflict when it is taken."""
        require(actor, "write", "mlops:models")
        label = names.model_name(new_name, field="new_name")
        with self._database.write() as connection:
            model = registered_models.find(connection, name)
            registered_models.rename(connection, model, label, now_ms())
            _tell(connection, EventType.REGISTERED_MODEL_CHANGED, model, actor)
            return registered_models.get(connection, model)

    def trash(self, actor: Actor, name: str) -> None:
        """Move a model and its versions to the trash; its name is free then."""
        require(actor, "write", "mlops:models")
        with self._database.write(clean_up=True) as connection:
            model = registered_models.find(connection, name)
            registered_models.trash(connection, model, now_ms())
            _tell(connection, EventType.REGISTERED_MODEL_DELETED, model, actor)

    def set_tag(self, actor: Actor, name: str, key: str, value: str) -> None:
        """Set one tag; the last value stands."""
        require(actor, "write", "mlops:models")
        check_tags({key: value})
        with self._database.write() as connection:
            model = registered_models.find(connection, name)
            check_room(registered_models.tag_keys(connection, model), key)
            registered_models.set_tag(connection, model, key, value)
            _tell(connection, EventType.REGISTERED_MODEL_CHANGED, model, actor)

    def remove_tag(self, actor: Actor, name: str, key: str) -> None:
        """Remove one tag, if the model carries it."""
        require(actor, "write", "mlops:models")
        with self._database.write() as connection:
            model = registered_models.find(connection, name)
            if registered_models.remove_tag(connection, model, key):
                _tell(connection, EventType.REGISTERED_MODEL_CHANGED, model, actor)


def check_description(description: str) -> None:
    """Raise InvalidRequest for a description that is too long."""
    if len(description) > DESCRIPTION_MAX_CHARS:
        raise InvalidRequest(
            f"A description has at most {DESCRIPTION_MAX_CHARS} characters.", field="description"
        )


def check_tags(tags: Mapping[str, str]) -> None:
    """Raise InvalidRequest unless these may be tags of a model or of a version."""
    if len(tags) > TAGS_MAX:
        raise TooLarge(f"There are at most {TAGS_MAX} tags.")
    for key, value in tags.items():
        names.key(key)
        if len(value) > TAG_MAX_CHARS:
            raise InvalidRequest(
                f"'value' exceeds the maximum length of {TAG_MAX_CHARS} characters",
                field="value",
            )


def check_room(held: Collection[str], key: str) -> None:
    """Raise TooLarge when one more tag is one too many."""
    if key not in held and len(held) >= TAGS_MAX:
        raise TooLarge(f"There are at most {TAGS_MAX} tags.")


def _tell(connection: Connection, event: EventType, model: int, actor: Actor) -> None:
    events.append(connection, event, str(model), actor.user)
