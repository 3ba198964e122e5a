"""Queries of leases: a named right that one owner holds until it expires, for electing a leader."""

from __future__ import annotations

from sqlalchemy import Connection, delete, or_, select, update

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


def release_all(connection: Connection, prefix: str, owner: str) -> None:
    """Give back all leases of an owner whose names begin so."""
    connection.execute(
        delete(leases).where(
            leases.c.name.startswith(prefix, autoescape=True), leases.c.owner == owner
        )
    )


def extend(connection: Connection, names: list[str], owner: str, expires_at: int) -> None:
    """Renew those of the leases that the owner holds still."""
    connection.execute(
        update(leases)
        .where(leases.c.name.in_(names), leases.c.owner == owner)
        .values(expires_at=expires_at)
    )


def holder(connection: Connection, name: str, now: int) -> str | None:
    """Return the owner of a lease that has not expired, or None."""
    return connection.scalar(
        select(leases.c.owner).where(leases.c.name == name, leases.c.expires_at > now)
    )


def live(connection: Connection, now: int) -> set[str]:
    """Return the names of all leases that have not expired."""
    return set(connection.scalars(select(leases.c.name).where(leases.c.expires_at > now)))


def held_beneath(connection: Connection, prefix: str, now: int, ttl: int) -> list[tuple[str, str]]:
    """Return name and owner of the leases that ``acquire`` would refuse and that begin so."""
    rows = connection.execute(
        select(leases.c.name, leases.c.owner).where(
            leases.c.name.startswith(prefix, autoescape=True),
            leases.c.expires_at > now,
            leases.c.expires_at <= now + 10 * ttl,
        )
    )
    return [(row.name, row.owner) for row in rows]


def prune(connection: Connection, now: int) -> int:
    """Forget the leases that have expired; return how many."""
    return connection.execute(delete(leases).where(leases.c.expires_at <= now)).rowcount
