"""Events: facts in the past tense, written in the transaction that makes them true."""

from __future__ import annotations

from enum import Enum

import msgspec

PAGE_MAX_EVENTS = 1_000


class EventType(str, Enum):
    """Every kind of fact; ``subject`` of an event names the thing that it is about.

    A run by its id, experiment and registered model by their numbers, a version as
    ``<number of the model>/<version>``, an alias as ``<number of the model>/<alias>``,
    a logged model by its id, preferences by the name of their user.
    """

    RUN_CREATED = "run.created"
    RUN_STARTED = "run.started"
    RUN_PROGRESSED = "run.progressed"
    RUN_LOGGED = "run.logged"
    RUN_CHANGED = "run.changed"
    RUN_CANCEL_REQUESTED = "run.cancel_requested"
    RUN_ENDED = "run.ended"
    RUN_DELETED = "run.deleted"
    RUN_RESTORED = "run.restored"
    RUN_PURGED = "run.purged"
    EXPERIMENT_CREATED = "experiment.created"
    EXPERIMENT_CHANGED = "experiment.changed"
    EXPERIMENT_DELETED = "experiment.deleted"
    EXPERIMENT_RESTORED = "experiment.restored"
    EXPERIMENT_PURGED = "experiment.purged"
    REGISTERED_MODEL_CREATED = "registered_model.created"
    REGISTERED_MODEL_CHANGED = "registered_model.changed"
    REGISTERED_MODEL_DELETED = "registered_model.deleted"
    MODEL_VERSION_CREATED = "model_version.created"
    MODEL_VERSION_CHANGED = "model_version.changed"
    MODEL_VERSION_DELETED = "model_version.deleted"
    ALIAS_MOVED = "alias.moved"
    ALIAS_REMOVED = "alias.removed"
    LOGGED_MODEL_CREATED = "logged_model.created"
    LOGGED_MODEL_CHANGED = "logged_model.changed"
    LOGGED_MODEL_DELETED = "logged_model.deleted"
    LOGGED_MODEL_PURGED = "logged_model.purged"
    PREFERENCES_CHANGED = "preferences.changed"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One committed fact; ``seq`` is the commit order and the cursor. Time in milliseconds UTC."""

    seq: int
    type: EventType
    subject: str
    actor: str
    created_at: int


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Events after a cursor, in order; ``reset`` when the cursor is older than the 7 days kept."""

    events: list[Event]
    seq: int
    reset: bool
