"""Aliases: put a movable name on a version, follow it, take it away."""

from __future__ import annotations

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.model_versions import ModelVersion
from jupyter_mlops.services.model_versions import find
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, model_aliases, model_versions, registered_models
from jupyter_mlops.store.database import Database


class ModelAliasService:
    """What can be done with the aliases of a registered model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def move(self, actor: Actor, name: str, alias: str, number: int) -> None:
        """Put an alias on a version, wherever it was before."""
        require(actor, "write", "mlops:models")
        names.alias(alias)
        with self._database.write() as connection:
            model, version = find(connection, name, number)
            model_aliases.move(connection, model, alias, version)
            events.append(connection, EventType.ALIAS_MOVED, f"{model}/{alias}", actor.user)

    def follow(self, actor: Actor, name: str, alias: str) -> ModelVersion | None:
        """Return the version that an alias is on, or None; ``latest`` is always on the newest."""
        require(actor, "read", "mlops:models")
        with self._database.read() as connection:
            model = registered_models.find(connection, name)
            if alias.lower() == names.LATEST:
                found = model_versions.latest(connection, [model])[model]
                return max(found, key=lambda each: each.version, default=None)
            version = model_aliases.find(connection, model, alias)
            return None if version is None else model_versions.get(connection, version)

    def remove(self, actor: Actor, name: str, alias: str) -> None:
        """Take an alias away, if there is one."""
        require(actor, "write", "mlops:models")
        with self._database.write() as connection:
            model = registered_models.find(connection, name)
            if model_aliases.remove(connection, model, alias):
                events.append(connection, EventType.ALIAS_REMOVED, f"{model}/{alias}", actor.user)
