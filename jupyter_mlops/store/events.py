"""Queries of events: appended under one lock, so that ``seq`` has no gap and is commit order."""

from __future__ import annotations

import time

from sqlalchemy import Connection, Executable, delete, func, insert, select

from jupyter_mlops.domain.events import Event, EventPage, EventType
from jupyter_mlops.store import dialects
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import counters, events

_SEQ = "events.seq"
_PRUNED = "events.pruned"


def _counting(dialect: str) -> Executable:
    first = dialects.of_dialect(dialect, counters).values(name=_SEQ, value=1)
    return first.on_conflict_do_update(
        index_elements=[counters.c.name], set_={"value": counters.c.value + 1}
    ).returning(counters.c.value)


# Made once: every change goes through them.
_BUMP = Prepared(_counting)
_INSERT = Prepared(insert(events))


def append(connection: Connection, type: EventType, subject: str, actor: str) -> int:  # noqa: A002
    """Write one event and return its ``seq``; its row lock lasts until the transaction ends."""
    ((seq,),) = _BUMP.rows(connection, {})
    _INSERT.change(
        connection,
        {
            "seq": seq,
            "type": type.value,
            "subject": subject,
            "actor": actor,
            "created_at": time.time_ns() // 1_000_000,
        },
    )
    return int(seq)


def last_seq(connection: Connection) -> int:
    """Return the ``seq`` of the newest event ever written, 0 before the first."""
    return _counter(connection, _SEQ)


def after(connection: Connection, seq: int, limit: int) -> EventPage:
    """Return up to ``limit`` events later than ``seq``, oldest first.

    ``reset`` tells a reader that the cursor is of no use: events after it were pruned, or it was
    never handed out by this store. The reader then loads everything anew and goes on from ``seq``.
    """
    last = last_seq(connection)
    if seq > last or seq < _counter(connection, _PRUNED):
        return EventPage(events=[], seq=last, reset=True)
    rows = connection.execute(
        select(events).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
    ).all()
    found = [
        Event(
            seq=row.seq,
            type=EventType(row.type),
            subject=row.subject,
            actor=row.actor,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return EventPage(events=found, seq=found[-1].seq if found else last, reset=False)


def prune(connection: Connection, older_than: int) -> int:
    """Delete events made before ``older_than`` (milliseconds); return how many.

    Only an unbroken beginning of the log goes: an event behind a newer clock stays until that
    one is old too, so a clock that jumped never tears a hole.
    """
    kept = connection.scalar(
        select(func.min(events.c.seq)).where(events.c.created_at >= older_than)
    )
    through = last_seq(connection) if kept is None else int(kept) - 1
    gone = connection.execute(delete(events).where(events.c.seq <= through)).rowcount
    if gone:
        note = dialects.insert(connection, counters).values(name=_PRUNED, value=through)
        connection.execute(
            note.on_conflict_do_update(index_elements=[counters.c.name], set_={"value": through})
        )
    return gone


def _counter(connection: Connection, name: str) -> int:
    return int(connection.scalar(select(counters.c.value).where(counters.c.name == name)) or 0)
