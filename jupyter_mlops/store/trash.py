"""Trash: what it holds, and taking a run out of the store for good, with every row about it."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, exists, func, select, union_all

from jupyter_mlops.store import kernel_tokens, logged_model_purges
from jupyter_mlops.store.tables import (
    artifacts,
    environments,
    metadata,
    metric_points,
    metric_series,
    metric_summaries,
    package_lists,
    runs,
)

# One statement stays far below the time that a statement may take, however long a series is.
_POINTS = 50_000


def _points_at_runs(table: Table) -> bool:
    return "run" in table.c and table.c.run.references(runs.c.seq)


# Found, not listed: a table that comes later cannot be forgotten.
_CHILDREN = tuple(table for table in reversed(metadata.sorted_tables) if _points_at_runs(table))


def page(
    connection: Connection, *, deleted_by: int | None = None, after: int = 0, limit: int = 100
) -> list[tuple[int, str]]:
    """Return number and id of the runs in the trash behind number ``after``, oldest first.

    ``deleted_by`` leaves out those that were deleted later than that moment (milliseconds).
    """
    query = select(runs.c.seq, runs.c.run_id).where(
        runs.c.deleted_at.is_not(None), runs.c.seq > after
    )
    if deleted_by is not None:
        query = query.where(runs.c.deleted_at <= deleted_by)
    rows = connection.execute(query.order_by(runs.c.seq).limit(limit))
    return [(row.seq, row.run_id) for row in rows]


def count(connection: Connection) -> int:
    """Return how many runs are in the trash."""
    statement = select(func.count()).select_from(runs).where(runs.c.deleted_at.is_not(None))
    return connection.scalar(statement) or 0


def purge(connection: Connection, seq: int) -> set[str]:
    """Delete a run and every row about it; return the digests of the files that they named.

    The logged models that it made go too, unless a registered version names them.
    """
    named = _digests(connection, seq)
    run_id, token = connection.execute(
        select(runs.c.run_id, runs.c.kernel_token).where(runs.c.seq == seq)
    ).one()
    named |= logged_model_purges.purge_of_run(connection, seq, run_id)
    packages = connection.scalar(
        select(environments.c.packages_digest).where(environments.c.run == seq)
    )
    _delete_points(connection, seq)
    for table in _CHILDREN:
        connection.execute(delete(table).where(table.c.run == seq))
    connection.execute(delete(runs).where(runs.c.seq == seq))
    if token is not None:
        kernel_tokens.forget_unused(connection, token)
    if packages is not None:
        shared = exists().where(environments.c.packages_digest == packages)
        connection.execute(delete(package_lists).where(package_lists.c.digest == packages, ~shared))
    return named


def _digests(connection: Connection, seq: int) -> set[str]:
    own = (
        select(column.label("digest")).where(runs.c.seq == seq)
        for column in (runs.c.source_digest, runs.c.executed_digest, runs.c.log_digest)
    )
    files = select(artifacts.c.digest).where(artifacts.c.run == seq)
    return set(connection.scalars(union_all(*own, files))) - {None}


def _delete_points(connection: Connection, seq: int) -> None:
    series = connection.execute(
        select(metric_series.c.id, metric_series.c.point_count).where(metric_series.c.run == seq)
    ).all()
    for key, points in series:
        for end in range(_POINTS, points + _POINTS, _POINTS):
            connection.execute(
                delete(metric_points).where(
                    metric_points.c.series == key, metric_points.c.position < end
                )
            )
        connection.execute(delete(metric_summaries).where(metric_summaries.c.series == key))
