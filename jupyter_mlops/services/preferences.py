"""Preferences: each user reads and changes their own."""

from __future__ import annotations

import msgspec

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.preferences import Preferences, PreferencesChange
from jupyter_mlops.domain.runs import NewRun
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, preferences
from jupyter_mlops.store.database import Database


class PreferenceService:
    """What can be done with the preferences of the acting user; they are about kernels."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, actor: Actor) -> Preferences:
        """Return what the actor prefers, the defaults before the first choice."""
        require(actor, "read", "mlops:kernels")
        with self._database.read() as connection:
            return preferences.get(connection, actor.user)

    def change(self, actor: Actor, change: PreferencesChange) -> Preferences:
        """Change what the actor prefers; what is so already is no change."""
        require(actor, "write", "mlops:kernels")
        if change.autolog is msgspec.UNSET:
            raise InvalidRequest("Name what is to change: `autolog`.")
        wanted = Preferences(autolog=change.autolog)
        with self._database.write() as connection:
            if wanted != preferences.get(connection, actor.user):
                preferences.put(connection, actor.user, wanted)
                events.append(connection, EventType.PREFERENCES_CHANGED, actor.user, actor.user)
        return wanted


def as_preferred(database: Database, user: str, new: NewRun) -> NewRun:
    """Return the request saying what its user prefers, where it left that open."""
    if new.autolog is not None:
        return new
    with database.read() as connection:
        preferred = preferences.get(connection, user)
    return msgspec.structs.replace(new, autolog=preferred.autolog)
