"""Taking experiments out of the store for good: once nothing is in them any more, with every row about them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from jupyter_mlops.store import datasets as dataset_rows
from jupyter_mlops.store.tables import datasets, experiment_tags, experiments, logged_models, runs

# Where clients of MLflow log that name no experiment: it can be deleted, and restored for ever.
DEFAULT = 0

# A run in the trash, or a model that a registered version names, may still be wanted back.
_EMPTY = and_(
    experiments.c.deleted_at.is_not(None),
    experiments.c.id != DEFAULT,
    ~exists().where(runs.c.experiment_id == experiments.c.id),
    ~exists().where(logged_models.c.experiment == experiments.c.id),
)


def in_trash(
    connection: Connection, *, deleted_by: int | None, after: int, limit: int
) -> list[int]:
    """Return the numbers of the deleted experiments behind ``after`` that hold nothing any more.

    ``deleted_by`` leaves out those that were deleted later than that moment (milliseconds).
    """
    query = select(experiments.c.id).where(_EMPTY, experiments.c.id > after)
    if deleted_by is not None:
        query = query.where(experiments.c.deleted_at <= deleted_by)
    return list(connection.scalars(query.order_by(experiments.c.id).limit(limit)))


def count(connection: Connection) -> int:
    """Return how many experiments are in the trash and can be deleted for good, with what is in them."""
    deleted = and_(experiments.c.deleted_at.is_not(None), experiments.c.id != DEFAULT)
    return connection.scalar(select(func.count()).select_from(experiments).where(deleted)) or 0


def purge(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Delete experiments that hold nothing, and every row about them; return which went.

    One stays while a run that moved to another experiment reads a data set that was described here.
    """
    described = connection.scalars(select(datasets.c.id).where(datasets.c.experiment.in_(ids)))
    dataset_rows.forget_unused(connection, described.all())
    going: list[ColumnElement[bool]] = [
        experiments.c.id.in_(ids),
        _EMPTY,
        ~exists().where(datasets.c.experiment == experiments.c.id),
    ]
    gone = list(connection.scalars(select(experiments.c.id).where(*going)))
    connection.execute(delete(experiment_tags).where(experiment_tags.c.experiment.in_(gone)))
    connection.execute(delete(experiments).where(experiments.c.id.in_(gone)))
    return gone
