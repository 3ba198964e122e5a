"""Queries of leases: a named right that one owner holds until it expires, for electing a leader."""

from __future__ import annotations

from sqlalchemy import Connection, delete, or_, select

from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import leases


def acquire(connection: Connection, name: str, owner: str, now: int, ttl: int) -> bool:
    """Take or renew a lease for ``ttl`` milliseconds; False while another owner holds it."""
    values = {"owner": owner, "expires_at": now + ttl}
    statement = (
        dialects.insert(connection, leases)
        .values(name=name, **values)
        .on_conflict_do_update(
            index_elements=["name"],
            set_=values,
            # An expiry further ahead than any lease lasts was written before the clock was set back.
            where=or_(
                leases.c.owner == owner,
                leases.c.expires_at <= now,
                leases.c.expires_at > now + 10 * ttl,
            ),
        )
        .returning(leases.c.owner)
    )
    return connection.execute(statement).scalar_one_or_none() == owner


def release(connection: Connection, name: str, owner: str) -> None:
    """Give a lease back; nothing happens when somebody else holds it by now."""
    connection.execute(delete(leases).where(leases.c.name == name, leases.c.owner == owner))


def holder(connection: Connection, name: str, now: int) -> str | None:
    """Return the owner of a lease that has not expired, or None."""
    return connection.scalar(
        select(leases.c.owner).where(leases.c.name == name, leases.c.expires_at > now)
    )


def live(connection: Connection, now: int) -> set[str]:
    """Return the names of all leases that have not expired."""
    return set(connection.scalars(select(leases.c.name).where(leases.c.expires_at > now)))


def prune(connection: Connection, now: int) -> int:
    """Forget the leases that have expired; return how many."""
    return connection.execute(delete(leases).where(leases.c.expires_at <= now)).rowcount
