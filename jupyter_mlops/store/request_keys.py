"""Queries of answers kept by idempotency key: a repeated request changes nothing (row D2)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from jupyter_mlops.domain.errors import Conflict
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import requests


def find(connection: Connection, user: str, key: str) -> bytes | None:
    """Return the answer that this user's request of this key got, or None."""
    answer = connection.scalar(
        select(requests.c.answer).where(requests.c.user == user, requests.c.key == key)
    )
    return None if answer is None else bytes(answer)


def put(connection: Connection, user: str, key: str, answer: bytes, now: int) -> None:
    """Keep the answer in the transaction of the change itself; Conflict when the key was used."""
    statement = (
        dialects.insert(connection, requests)
        .values(user=user, key=key, answer=answer, created_at=now)
        .on_conflict_do_nothing()
        .returning(requests.c.key)
    )
    if connection.execute(statement).scalar_one_or_none() is None:
        raise Conflict("This idempotency key was used already.")


def made_at(connection: Connection, user: str, moment: int) -> list[tuple[str, bytes]]:
    """Return key and answer of what this user asked for at ``moment`` (milliseconds)."""
    rows = connection.execute(
        select(requests.c.key, requests.c.answer).where(
            requests.c.created_at == moment, requests.c.user == user
        )
    )
    return [(row.key, bytes(row.answer)) for row in rows]


def replace(connection: Connection, user: str, key: str, answer: bytes) -> None:
    """Keep another answer under a key that was used."""
    connection.execute(
        update(requests).where(requests.c.user == user, requests.c.key == key).values(answer=answer)
    )


def prune(connection: Connection, older_than: int) -> int:
    """Forget answers given before ``older_than`` (milliseconds); return how many."""
    return connection.execute(delete(requests).where(requests.c.created_at < older_than)).rowcount
