"""Events: the facts that a client can follow, and the signal that there are new ones."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import yaml

from jupyter_mlops.domain.events import Event, EventPage, EventType
from jupyter_mlops.server.changes import SCHEMA_ID
from scripts.reference.markdown import code, table
from scripts.reference.structs import section


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    schema = yaml.safe_load(
        files("jupyter_mlops.server").joinpath("events", "changed.yaml").read_text("utf-8")
    )
    yield "# Events\n"
    yield "Every change is recorded as an event in the transaction that makes it, and kept for 7 days.\n"
    yield "`GET mlops/api/events?after=<seq>` ([listEvents](routes.md#listevents)) returns what came after a"
    yield "cursor.\n"
    yield from table(("type",), ((code(kind.value),) for kind in EventType))
    yield "## What an answer holds\n"
    for kind in (Event, EventPage):
        yield from section(kind)
    yield "## The Jupyter event\n"
    yield f"On the server's own event bus (`api/events/subscribe`) as `{SCHEMA_ID}`:\n"
    yield schema["description"].strip() + "\n"
    yield from table(
        ("field", "type", "meaning"),
        (
            (code(name), code(item["type"]), item["description"])
            for name, item in schema["properties"].items()
        ),
    )
