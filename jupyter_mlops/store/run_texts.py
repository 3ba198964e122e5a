"""What the search box looks through: one canonical text per run, kept true at every change."""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, and_, bindparam, select

from jupyter_mlops.domain.names import canonical
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import parameters, run_texts, runs, tags

# Enough of a long value to find it again, little enough to keep the search fast.
_VALUE_MAX_CHARS = 200
_TEXT_MAX_CHARS = 20_000

# Made once: nearly every change goes through them.
_NAMES = select(runs.c.name, runs.c.notebook).where(runs.c.seq == bindparam("of_run"))
_TAGS = (
    select(tags.c.key, tags.c.value).where(tags.c.run == bindparam("of_run")).order_by(tags.c.key)
)
_PARAMETERS = (
    select(parameters.c.key, parameters.c.value)
    .where(parameters.c.run == bindparam("of_run"), parameters.c.secret == 0)
    .order_by(parameters.c.position)
)


def refresh(connection: Connection, run: int) -> None:
    """Write the text of a run anew from its name, notebook, tags and parameters."""
    of_run = {"of_run": run}
    row = connection.execute(_NAMES, of_run).one()
    set_tags = connection.execute(_TAGS, of_run).all()
    pieces = [row.name, row.notebook or ""]
    pieces += [f"{tag.key}={tag.value[:_VALUE_MAX_CHARS]}" for tag in set_tags]
    for parameter in connection.execute(_PARAMETERS, of_run).all():
        value = parameter.value
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        pieces.append(f"{parameter.key}={shown[:_VALUE_MAX_CHARS]}")
    text = canonical("\n".join(pieces))[:_TEXT_MAX_CHARS]
    written = dialects.upsert(connection, run_texts, ("run",), ("text",))
    connection.execute(written, {"run": run, "text": text})


def matches(query: str) -> ColumnElement[bool]:
    """Return the condition that a run's text holds every word of ``query``."""
    return and_(
        *(run_texts.c.text.contains(word, autoescape=True) for word in canonical(query).split())
    )
