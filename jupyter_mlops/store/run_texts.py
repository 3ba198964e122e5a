"""What the search box looks through: one canonical text per run, kept true at every change."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, select, type_coerce

from jupyter_mlops.domain.names import canonical
from jupyter_mlops.store import dialects
from jupyter_mlops.store.column_types import Words
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import parameters, run_texts, runs, tags

# Enough of a long value to find it again, little enough to keep the search fast.
_VALUE_MAX_CHARS = 200
_TEXT_MAX_CHARS = 20_000

# Made once: nearly every change goes through them.
_NAMES = Prepared(select(runs.c.name, runs.c.notebook).where(runs.c.seq == bindparam("of_run")))
_TAGS = Prepared(
    select(tags.c.key, tags.c.value).where(tags.c.run == bindparam("of_run")).order_by(tags.c.key)
)
_PARAMETERS = Prepared(
    select(parameters.c.key, type_coerce(parameters.c.value, Words))
    .where(parameters.c.run == bindparam("of_run"), parameters.c.secret == 0)
    .order_by(parameters.c.position)
)
_WRITE = Prepared(lambda name: dialects.upsert_in(name, run_texts, ("run",), ("text",)))


def refresh(connection: Connection, run: int) -> None:
    """Write the text of a run anew from its name, notebook, tags and parameters."""
    of_run = {"of_run": run}
    ((name, notebook),) = _NAMES.rows(connection, of_run)
    pieces = [name, notebook or ""]
    for key, value in _TAGS.rows(connection, of_run):
        pieces.append(f"{key}={value[:_VALUE_MAX_CHARS]}")
    for key, value in _PARAMETERS.rows(connection, of_run):
        # A text as it is, anything else as JSON, which is how it lies there.
        shown = msgspec.json.decode(value) if value.startswith('"') else value
        pieces.append(f"{key}={shown[:_VALUE_MAX_CHARS]}")
    text = canonical("\n".join(pieces))[:_TEXT_MAX_CHARS]
    _WRITE.change(connection, {"run": run, "text": text})


def matches(query: str) -> ColumnElement[bool]:
    """Return the condition that a run's text holds every word of ``query``."""
    return and_(
        *(run_texts.c.text.contains(word, autoescape=True) for word in canonical(query).split())
    )
