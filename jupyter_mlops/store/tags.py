"""Queries of the tags of a run; the last value stands."""

from __future__ import annotations

from collections.abc import Container, Mapping

from sqlalchemy import Connection, delete, select

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.runs import Tag
from jupyter_mlops.store import dialects, metrics, run_texts
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import place_of, seq_of
from jupyter_mlops.store.tables import tags

# The tag that names the metric which lists show of a run.
KEY_METRIC = "mlops.key_metric"
# The tag that counts the records of a run which could not be taken in.
DAMAGED_RECORDS = "mlops.damaged_records"

_SET = Prepared(lambda name: dialects.upsert_in(name, tags, ("run", "key"), ("value",)))


def set(connection: Connection, run_id: str, key: str, value: str) -> None:  # noqa: A001
    """Set one tag of a run."""
    set_all(connection, run_id, {key: value})


def set_all(connection: Connection, run_id: str, values: Mapping[str, str]) -> None:
    """Set tags of a run, all at the cost of one."""
    if not values:
        return
    run, experiment = place_of(connection, run_id)
    _SET.change_all(
        connection,
        [
            {"run": run, "experiment": experiment, "key": key, "value": value}
            for key, value in values.items()
        ],
    )
    _follow(connection, run, values)


def remove(connection: Connection, run_id: str, key: str) -> None:
    """Remove one tag of a run; NotFound when it carries none of this key."""
    run = seq_of(connection, run_id)
    gone = connection.execute(delete(tags).where(tags.c.run == run, tags.c.key == key)).rowcount
    if not gone:
        raise NotFound("This run has no such tag.")
    _follow(connection, run, {key})


def find(connection: Connection, run_id: str, key: str) -> str | None:
    """Return the value of one tag of a run, None when it carries none of this key."""
    return connection.scalar(
        select(tags.c.value).where(tags.c.run == seq_of(connection, run_id), tags.c.key == key)
    )


def for_seq(connection: Connection, run: int) -> list[Tag]:
    """Return the tags of the run with this number, by key."""
    rows = connection.execute(
        select(tags.c.key, tags.c.value).where(tags.c.run == run).order_by(tags.c.key)
    )
    return [Tag(key=row.key, value=row.value) for row in rows]


def _follow(connection: Connection, run: int, keys: Container[str]) -> None:
    """Keep what is derived from tags true."""
    run_texts.refresh(connection, run)
    if KEY_METRIC in keys:
        metrics.choose_key_series(connection, run)
