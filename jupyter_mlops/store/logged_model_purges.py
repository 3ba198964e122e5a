"""Taking logged models out of the store for good: every row that is about them.

A model goes with the run that made it, or by itself once its client deleted it; never one that a
registered version names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select

from jupyter_mlops.store import datasets, model_versions
from jupyter_mlops.store.tables import (
    dataset_input_tags,
    dataset_inputs,
    logged_model_artifacts,
    logged_model_metrics,
    logged_models,
    metadata,
)

# One statement stays far below the time that a statement may take.
_ROWS = 50_000


def _points_at_models(table: Table) -> bool:
    return "model" in table.c and table.c.model.references(logged_models.c.seq)


# Found, not listed: a table that comes later cannot be forgotten.
_CHILDREN = tuple(table for table in reversed(metadata.sorted_tables) if _points_at_models(table))


def in_trash(
    connection: Connection, *, deleted_by: int | None, after: int, limit: int
) -> dict[int, str]:
    """Return number and id of the deleted models behind number ``after``, oldest first.

    ``deleted_by`` leaves out those that were deleted later than that moment (milliseconds).
    """
    query = select(logged_models.c.seq, logged_models.c.model_id).where(
        logged_models.c.deleted_at.is_not(None), logged_models.c.seq > after
    )
    if deleted_by is not None:
        query = query.where(logged_models.c.deleted_at <= deleted_by)
    rows = connection.execute(query.order_by(logged_models.c.seq).limit(limit))
    return {row.seq: row.model_id for row in rows}


def count(connection: Connection) -> int:
    """Return how many models are in the trash."""
    deleted = logged_models.c.deleted_at.is_not(None)
    return connection.scalar(select(func.count()).select_from(logged_models).where(deleted)) or 0


def without_held(connection: Connection, models: Mapping[int, str]) -> dict[int, str]:
    """Return those of the models, by number and id, that no registered version names."""
    held = model_versions.made_of(connection, models.values())
    return {seq: model_id for seq, model_id in models.items() if model_id not in held}


def purge(connection: Connection, seqs: Sequence[int]) -> set[str]:
    """Delete models and every row about them; return the digests of the files that they named."""
    if not seqs:
        return set()
    digests = set(
        connection.scalars(
            select(logged_model_artifacts.c.digest).where(logged_model_artifacts.c.model.in_(seqs))
        )
    )
    measured = _delete_metrics(connection, logged_model_metrics.c.model.in_(seqs))
    for table in _CHILDREN:
        connection.execute(delete(table).where(table.c.model.in_(seqs)))
    connection.execute(delete(logged_models).where(logged_models.c.seq.in_(seqs)))
    datasets.forget_unused(connection, measured)
    return digests


def purge_of_run(connection: Connection, run: int, run_id: str) -> set[str]:
    """Delete what is about models and data sets of a run that goes; return the models' digests.

    These are the models that it made, what it found out about others, and data sets that it alone
    read.
    """
    rows = connection.execute(
        select(logged_models.c.seq, logged_models.c.model_id)
        .where(logged_models.c.source_run_id == run_id)
        .order_by(logged_models.c.seq)
    )
    made = without_held(connection, {row.seq: row.model_id for row in rows})
    digests = purge(connection, list(made))
    read = connection.scalars(select(dataset_inputs.c.dataset).where(dataset_inputs.c.run == run))
    used = set(read) | _delete_metrics(connection, logged_model_metrics.c.run == run)
    for table in (dataset_input_tags, dataset_inputs):
        connection.execute(delete(table).where(table.c.run == run))
    datasets.forget_unused(connection, used)
    return digests


def _delete_metrics(connection: Connection, which: ColumnElement[bool]) -> set[int]:
    """Delete values of metrics of models; return the numbers of the data sets they were about."""
    metrics = logged_model_metrics.c
    about = select(metrics.dataset).where(which, metrics.dataset.is_not(None)).distinct()
    measured = {int(each) for each in connection.scalars(about) if each is not None}
    some = select(metrics.id).where(which).limit(_ROWS)
    while connection.execute(delete(logged_model_metrics).where(metrics.id.in_(some))).rowcount:
        pass
    return measured
