"""Events: what has happened after a cursor."""

from __future__ import annotations

from typing import Annotated

import msgspec

from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.events import PAGE_MAX_EVENTS, EventPage


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The cursor (``seq`` of the last event seen) and how many events to return at most."""

    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX_EVENTS)] = 500


ROUTES = (
    Route(
        method="GET",
        path="events",
        operation_id="listEvents",
        summary="List the committed facts after a cursor, in order.",
        handler=lambda services, request: services.events.after(
            request.actor, request.query.after, request.query.limit
        ),
        action="read",
        resource="mlops:runs",
        query=EventsQuery,
        answer=EventPage,
    ),
)
