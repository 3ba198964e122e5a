"""Events: facts in the past tense, written in the transaction that makes them true."""

from __future__ import annotations

from enum import Enum

import msgspec

PAGE_MAX_EVENTS = 1_000


class EventType(str, Enum):
    """Every kind of fact; ``subject`` of an event names the run or experiment."""

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
