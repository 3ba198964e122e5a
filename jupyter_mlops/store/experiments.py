"""Queries of experiments; names are unique whatever their case or width (security row S30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    select,
    update,
)

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiments import Experiment
from jupyter_mlops.domain.names import canonical
from jupyter_mlops.domain.runs import Tag
from jupyter_mlops.store import dialects
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import experiment_tags, experiments, logged_models, runs

_LIVING = experiments.c.deleted_at.is_(None)
# Made once: every new run goes through it.
_DELETED_AT = Prepared(
    select(experiments.c.deleted_at).where(experiments.c.id == bindparam("of_experiment"))
)


def _called(name: str) -> tuple[ColumnElement[bool], ...]:
    return experiments.c.canonical_name == canonical(name), _LIVING


def ensure(connection: Connection, name: str, now: int) -> tuple[int, bool]:
    """Return the id of the experiment called ``name``, made if need be, and whether it was made."""
    made = _insert(connection, name, "", now)
    if made is not None:
        return made, True
    return int(
        connection.execute(select(experiments.c.id).where(*_called(name))).scalar_one()
    ), False


def create(connection: Connection, name: str, description: str, now: int) -> int:
    """Make an experiment and return its id; Conflict when the name is taken."""
    made = _insert(connection, name, description, now)
    if made is None:
        raise Conflict("There is an experiment of this name already.", field="name")
    return made


def _insert(connection: Connection, name: str, description: str, now: int) -> int | None:
    statement = (
        dialects.insert(connection, experiments)
        .values(
            name=name,
            canonical_name=canonical(name),
            description=description,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=[experiments.c.canonical_name], index_where=_LIVING)
        .returning(experiments.c.id)
    )
    made = connection.execute(statement).scalar_one_or_none()
    return None if made is None else int(made)


def is_deleted(connection: Connection, experiment_id: int) -> bool:
    """Tell whether an experiment is in the trash; NotFound when there is none."""
    for (deleted_at,) in _DELETED_AT.rows(connection, {"of_experiment": experiment_id}):
        return deleted_at is not None
    raise NotFound("There is no such experiment.")


def get(connection: Connection, experiment_id: int) -> Experiment:
    """Return one experiment; NotFound when there is none."""
    row = connection.execute(_selection().where(experiments.c.id == experiment_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such experiment.")
    return _experiments(connection, [row])[0]


def load(connection: Connection, ids: Sequence[int]) -> list[Experiment]:
    """Return the experiments with these numbers, in their order."""
    rows = connection.execute(_selection().where(experiments.c.id.in_(ids))).all()
    found = {item.experiment_id: item for item in _experiments(connection, rows)}
    return [found[each] for each in ids]


def by_name(connection: Connection, name: str) -> Experiment | None:
    """Return the experiment of this name, whatever its case, or None."""
    row = connection.execute(_selection().where(*_called(name))).one_or_none()
    return None if row is None else _experiments(connection, [row])[0]


def in_trash_by_name(connection: Connection, name: str) -> Experiment | None:
    """Return the experiment of this name that was deleted last, or None."""
    row = connection.execute(
        _selection()
        .where(experiments.c.canonical_name == canonical(name), ~_LIVING)
        .order_by(None)
        .order_by(experiments.c.deleted_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _experiments(connection, [row])[0]


def latest(connection: Connection, limit: int) -> list[Experiment]:
    """Return up to ``limit`` experiments, the most recently used first."""
    found = connection.execute(_selection().where(_LIVING).limit(limit))
    return _experiments(connection, found.all())


def count(connection: Connection) -> int:
    """Return how many experiments there are."""
    return connection.scalar(select(func.count()).select_from(experiments).where(_LIVING)) or 0


def _selection() -> Select[Any]:
    """Select experiments with what their living runs are, looked up for each in an index."""
    living = (runs.c.experiment_id == experiments.c.id, runs.c.deleted_at.is_(None))
    run_count = select(func.count()).select_from(runs).where(*living).scalar_subquery()
    last_run_at = (
        select(runs.c.created_at)
        .where(*living)
        .order_by(runs.c.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    return select(
        experiments, run_count.label("run_count"), last_run_at.label("last_run_at")
    ).order_by(func.coalesce(last_run_at, experiments.c.created_at).desc(), experiments.c.id.desc())


def _experiments(connection: Connection, rows: Sequence[Row[Any]]) -> list[Experiment]:
    found: dict[int, list[Tag]] = {row.id: [] for row in rows}
    for row in connection.execute(
        select(experiment_tags)
        .where(experiment_tags.c.experiment.in_(found))
        .order_by(experiment_tags.c.experiment, experiment_tags.c.key)
    ):
        found[row.experiment].append(Tag(key=row.key, value=row.value))
    return [
        Experiment(
            experiment_id=row.id,
            name=row.name,
            description=row.description,
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
            tags=found[row.id],
            run_count=row.run_count,
            last_run_at=row.last_run_at,
        )
        for row in rows
    ]


def rename(connection: Connection, experiment_id: int, name: str, now: int) -> None:
    """Give an experiment another name; Conflict when it is taken."""
    taken = by_name(connection, name)
    if taken is not None and taken.experiment_id != experiment_id:
        raise Conflict("There is an experiment of this name already.", field="name")
    _update(connection, experiment_id, name=name, canonical_name=canonical(name), updated_at=now)


def describe(connection: Connection, experiment_id: int, description: str, now: int) -> None:
    """Set the description of an experiment."""
    _update(connection, experiment_id, description=description, updated_at=now)


def trash(connection: Connection, experiment_id: int, now: int) -> None:
    """Move an experiment to the trash, with its runs and logged models."""
    _update(connection, experiment_id, deleted_at=now, updated_at=now)
    connection.execute(
        update(runs)
        .where(runs.c.experiment_id == experiment_id, runs.c.deleted_at.is_(None))
        .values(deleted_at=now, version=runs.c.version + 1)
    )
    connection.execute(
        update(logged_models)
        .where(logged_models.c.experiment == experiment_id, logged_models.c.deleted_at.is_(None))
        .values(deleted_at=now)
    )


def restore(
    connection: Connection, experiment_id: int, now: int, *, with_runs: bool = True
) -> None:
    """Take an experiment out of the trash, with the runs and models that went there with it.

    Conflict when its name was taken meanwhile.
    """
    experiment = get(connection, experiment_id)
    if by_name(connection, experiment.name) is not None:
        raise Conflict("Another experiment has this name now; rename that one first.", field="name")
    _update(connection, experiment_id, deleted_at=None, updated_at=now)
    if not with_runs:
        return
    connection.execute(
        update(runs)
        .where(runs.c.experiment_id == experiment_id, runs.c.deleted_at == experiment.deleted_at)
        .values(deleted_at=None, version=runs.c.version + 1)
    )
    connection.execute(
        update(logged_models)
        .where(
            logged_models.c.experiment == experiment_id,
            logged_models.c.deleted_at == experiment.deleted_at,
        )
        .values(deleted_at=None)
    )


def set_tag(connection: Connection, experiment_id: int, key: str, value: str, now: int) -> None:
    """Set one tag of an experiment."""
    connection.execute(
        dialects.insert(connection, experiment_tags)
        .values(experiment=experiment_id, key=key, value=value)
        .on_conflict_do_update(index_elements=["experiment", "key"], set_={"value": value})
    )
    _update(connection, experiment_id, updated_at=now)


def remove_tag(connection: Connection, experiment_id: int, key: str, now: int) -> None:
    """Remove one tag of an experiment; NotFound when it carries none of this key."""
    gone = connection.execute(
        delete(experiment_tags).where(
            experiment_tags.c.experiment == experiment_id, experiment_tags.c.key == key
        )
    ).rowcount
    if not gone:
        raise NotFound("This experiment has no such tag.")
    _update(connection, experiment_id, updated_at=now)


def _update(connection: Connection, experiment_id: int, **values: Any) -> None:
    connection.execute(update(experiments).where(experiments.c.id == experiment_id).values(values))
