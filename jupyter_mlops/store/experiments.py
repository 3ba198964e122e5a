"""Queries of experiments; names are unique whatever their case or width (security row S30)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiments import Experiment
from jupyter_mlops.domain.names import canonical
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import experiments, runs


def ensure(connection: Connection, name: str, now: int) -> tuple[int, bool]:
    """Return the id of the experiment called ``name``, made if need be, and whether it was made."""
    made = _insert(connection, name, "", now)
    if made is not None:
        return made, True
    found = connection.scalar(
        select(experiments.c.id).where(experiments.c.canonical_name == canonical(name))
    )
    return int(found or 0), False


def create(connection: Connection, name: str, description: str, now: int) -> int:
    """Make an experiment and return its id; Conflict when the name is taken."""
    made = _insert(connection, name, description, now)
    if made is None:
        raise Conflict("There is an experiment of this name already.", field="name")
    return made


def _insert(connection: Connection, name: str, description: str, now: int) -> int | None:
    statement = (
        dialects.insert(connection, experiments)
        .values(name=name, canonical_name=canonical(name), description=description, created_at=now)
        .on_conflict_do_nothing(index_elements=[experiments.c.canonical_name])
        .returning(experiments.c.id)
    )
    made = connection.execute(statement).scalar_one_or_none()
    return None if made is None else int(made)


def get(connection: Connection, experiment_id: int) -> Experiment:
    """Return one experiment; NotFound when there is none."""
    row = connection.execute(_selection().where(experiments.c.id == experiment_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such experiment.")
    return _experiment(row)


def by_name(connection: Connection, name: str) -> Experiment | None:
    """Return the experiment of this name, whatever its case, or None."""
    row = connection.execute(
        _selection().where(experiments.c.canonical_name == canonical(name))
    ).one_or_none()
    return None if row is None else _experiment(row)


def latest(connection: Connection, limit: int) -> list[Experiment]:
    """Return up to ``limit`` experiments, the most recently used first."""
    return [_experiment(row) for row in connection.execute(_selection().limit(limit))]


def count(connection: Connection) -> int:
    """Return how many experiments there are."""
    return connection.scalar(select(func.count()).select_from(experiments)) or 0


def _selection() -> Select[Any]:
    used = (
        select(
            runs.c.experiment_id,
            func.count().label("run_count"),
            func.max(runs.c.created_at).label("last_run_at"),
        )
        .where(runs.c.deleted_at.is_(None))
        .group_by(runs.c.experiment_id)
        .subquery()
    )
    return (
        select(experiments, used.c.run_count, used.c.last_run_at)
        .join_from(experiments, used, used.c.experiment_id == experiments.c.id, isouter=True)
        .order_by(
            func.coalesce(used.c.last_run_at, experiments.c.created_at).desc(),
            experiments.c.id.desc(),
        )
    )


def _experiment(row: Row[Any]) -> Experiment:
    return Experiment(
        experiment_id=row.id,
        name=row.name,
        description=row.description,
        created_at=row.created_at,
        run_count=row.run_count or 0,
        last_run_at=row.last_run_at,
    )
