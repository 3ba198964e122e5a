"""Queries of what users prefer: one row for each who ever chose."""

from __future__ import annotations

from sqlalchemy import Connection, select

from jupyter_mlops.domain.preferences import Preferences
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import preferences


def get(connection: Connection, user: str) -> Preferences:
    """Return what a user prefers, the defaults before the first choice."""
    found = connection.scalar(select(preferences.c.autolog).where(preferences.c.user == user))
    return Preferences(autolog=bool(found))


def put(connection: Connection, user: str, preferred: Preferences) -> None:
    """Note what a user prefers from now on."""
    values = {"autolog": preferred.autolog}
    connection.execute(
        dialects.insert(connection, preferences)
        .values(user=user, **values)
        .on_conflict_do_update(index_elements=["user"], set_=values)
    )
