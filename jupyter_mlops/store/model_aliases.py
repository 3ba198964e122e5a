"""Queries of aliases: movable names on the versions of a registered model."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from jupyter_mlops.domain.names import canonical
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import model_aliases


def move(connection: Connection, model: int, alias: str, version: int) -> None:
    """Put an alias on the version with this id, wherever it was; the last spelling of it stands."""
    values = {"alias": alias, "version": version}
    connection.execute(
        dialects.insert(connection, model_aliases)
        .values(model=model, canonical_alias=canonical(alias), **values)
        .on_conflict_do_update(index_elements=["model", "canonical_alias"], set_=values)
    )


def find(connection: Connection, model: int, alias: str) -> int | None:
    """Return the id of the version that an alias is on, whatever the alias's case, or None."""
    found = connection.scalar(
        select(model_aliases.c.version).where(
            model_aliases.c.model == model, model_aliases.c.canonical_alias == canonical(alias)
        )
    )
    return None if found is None else int(found)


def remove(connection: Connection, model: int, alias: str) -> bool:
    """Remove an alias; tell whether there was one."""
    gone = connection.execute(
        delete(model_aliases).where(
            model_aliases.c.model == model, model_aliases.c.canonical_alias == canonical(alias)
        )
    )
    return gone.rowcount > 0
