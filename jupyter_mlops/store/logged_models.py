"""Queries of logged models: their small rows, parameters and tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, delete, func, select, update

from jupyter_mlops.domain.errors import NotFound, TooLarge
from jupyter_mlops.domain.logged_models import (
    MAXIMUM,
    METRICS_OF_ONE,
    LoggedModel,
    LoggedModelStatus,
)
from jupyter_mlops.domain.runs import ACTIVE
from jupyter_mlops.store import dialects, logged_model_metrics
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import (
    logged_model_parameters,
    logged_model_tags,
    logged_models,
    runs,
)

_MODELS_IN_STATEMENT = 500


@dataclass(frozen=True)
class NewModelRow:
    """What is known of a model when it is made; times in milliseconds."""

    model_id: str
    experiment: int
    name: str
    model_type: str | None
    source_run_id: str | None
    user: str
    created_at: int


@dataclass(frozen=True)
class ModelState:
    """The small row of a model: what services decide by."""

    seq: int
    model_id: str
    experiment: int
    status: LoggedModelStatus
    source_run_id: str | None
    deleted_at: int | None


def insert(connection: Connection, row: NewModelRow) -> int:
    """Make a model that waits for its files; return its number."""
    made = connection.scalar(
        logged_models.insert()
        .values(
            model_id=row.model_id,
            experiment=row.experiment,
            name=row.name,
            model_type=row.model_type,
            source_run_id=row.source_run_id,
            status=LoggedModelStatus.PENDING.value,
            user=row.user,
            created_at=row.created_at,
            updated_at=row.created_at,
        )
        .returning(logged_models.c.seq)
    )
    return int(made or 0)


# Made once: every file of a model goes through it.
_FIND = Prepared(
    select(
        logged_models.c.seq,
        logged_models.c.experiment,
        logged_models.c.status,
        logged_models.c.source_run_id,
        logged_models.c.deleted_at,
    ).where(logged_models.c.model_id == bindparam("of_model_id"))
)


def find(connection: Connection, model_id: str) -> ModelState:
    """Return the small row of a model, deleted or not; NotFound when there is none."""
    for seq, experiment, status, source_run_id, deleted_at in _FIND.rows(
        connection, {"of_model_id": model_id}
    ):
        return ModelState(
            seq=seq,
            model_id=model_id,
            experiment=experiment,
            status=LoggedModelStatus(status),
            source_run_id=source_run_id,
            deleted_at=deleted_at,
        )
    raise not_found(model_id)


def not_found(model_id: str) -> NotFound:
    """Return the refusal of an id that no model has, in MLflow's words."""
    shown = model_id if len(model_id) <= 64 else f"{model_id[:64]}..."
    return NotFound(f"Logged model with ID '{shown}' not found.")


def numbers(connection: Connection, model_ids: Collection[str]) -> dict[str, int]:
    """Return the numbers of models by their ids; NotFound when one of them is not there."""
    found: dict[str, int] = {}
    wanted = list(model_ids)
    for start in range(0, len(wanted), _MODELS_IN_STATEMENT):
        some = wanted[start : start + _MODELS_IN_STATEMENT]
        rows = connection.execute(
            select(logged_models.c.model_id, logged_models.c.seq).where(
                logged_models.c.model_id.in_(some)
            )
        )
        found |= {row.model_id: int(row.seq) for row in rows}
    for model_id in wanted:
        if model_id not in found:
            raise not_found(model_id)
    return found


def get(connection: Connection, model_id: str) -> LoggedModel:
    """Return one model, deleted or not; NotFound when there is none."""
    return load(connection, [find(connection, model_id).seq], METRICS_OF_ONE)[0]


def load(connection: Connection, seqs: Sequence[int], metrics_of_each: int) -> list[LoggedModel]:
    """Return the models with these numbers, in their order."""
    found: dict[int, LoggedModel] = {}
    for start in range(0, len(seqs), _MODELS_IN_STATEMENT):
        some = seqs[start : start + _MODELS_IN_STATEMENT]
        found |= _models(connection, some)
        for table, name in (
            (logged_model_parameters, "parameters"),
            (logged_model_tags, "tags"),
        ):
            for model, key, value in connection.execute(
                select(table.c.model, table.c.key, table.c.value)
                .where(table.c.model.in_(some))
                .order_by(table.c.model, table.c.key)
            ):
                getattr(found[model], name).append((key, value))
        for model, metric in logged_model_metrics.latest(connection, some, metrics_of_each):
            found[model].metrics.append(metric)
    return [found[seq] for seq in seqs]


def of_run(connection: Connection, run_id: str, name: str) -> str | None:
    """Return the id of the model that a run made last by this name, or None."""
    return connection.scalar(
        select(logged_models.c.model_id)
        .where(
            logged_models.c.source_run_id == run_id,
            logged_models.c.name == name,
            logged_models.c.deleted_at.is_(None),
        )
        .order_by(logged_models.c.seq.desc())
        .limit(1)
    )


def set_status(
    connection: Connection, model: ModelState, status: LoggedModelStatus, now: int
) -> None:
    """Write down how far a model is."""
    _update(connection, model, status=status.value, updated_at=now)


def trash(connection: Connection, model: ModelState, now: int) -> None:
    """Mark a model as deleted; once more changes nothing."""
    if model.deleted_at is None:
        _update(connection, model, deleted_at=now, updated_at=now)


def add_parameters(connection: Connection, seq: int, values: Mapping[str, str]) -> None:
    """Add parameters to a model; the value that came first stands."""
    if values:
        rows = [{"model": seq, "key": key, "value": value} for key, value in values.items()]
        statement = dialects.insert(connection, logged_model_parameters)
        connection.execute(statement.on_conflict_do_nothing(), rows)
        _check_room(connection, logged_model_parameters, seq, "params")


def parameters_among(connection: Connection, seq: int, keys: Collection[str]) -> dict[str, str]:
    """Return the parameters of a model that have one of the keys."""
    rows = connection.execute(
        select(logged_model_parameters.c.key, logged_model_parameters.c.value).where(
            logged_model_parameters.c.model == seq, logged_model_parameters.c.key.in_(list(keys))
        )
    )
    return {row.key: row.value for row in rows}


def set_tags(connection: Connection, seq: int, values: Mapping[str, str]) -> None:
    """Set tags of a model; the last value stands."""
    if values:
        statement = dialects.insert(connection, logged_model_tags)
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["model", "key"], set_={"value": statement.excluded.value}
            ),
            [{"model": seq, "key": key, "value": value} for key, value in values.items()],
        )
        _check_room(connection, logged_model_tags, seq, "tags")


def remove_tag(connection: Connection, seq: int, key: str) -> bool:
    """Remove one tag of a model; tell whether it carried one of this key."""
    tags = logged_model_tags.c
    gone = delete(logged_model_tags).where(tags.model == seq, tags.key == key)
    return bool(connection.execute(gone).rowcount)


def made_by_active_run(connection: Connection, model: ModelState) -> bool:
    """Tell whether the run that a model comes from is still on."""
    if model.source_run_id is None:
        return False
    status = connection.scalar(
        select(runs.c.status).where(
            runs.c.run_id == model.source_run_id, runs.c.deleted_at.is_(None)
        )
    )
    return status in {each.value for each in ACTIVE}


def _models(connection: Connection, seqs: Sequence[int]) -> dict[int, LoggedModel]:
    rows = connection.execute(select(logged_models).where(logged_models.c.seq.in_(seqs)))
    return {
        row.seq: LoggedModel(
            model_id=row.model_id,
            experiment_id=row.experiment,
            name=row.name,
            model_type=row.model_type,
            source_run_id=row.source_run_id,
            status=LoggedModelStatus(row.status),
            created_at=row.created_at,
            updated_at=row.updated_at,
            deleted_at=row.deleted_at,
            parameters=[],
            tags=[],
            metrics=[],
        )
        for row in rows
    }


def _update(connection: Connection, model: ModelState, **values: object) -> None:
    connection.execute(update(logged_models).where(logged_models.c.seq == model.seq).values(values))


def _check_room(connection: Connection, table: Table, seq: int, kind: str) -> None:
    held = connection.scalar(select(func.count()).select_from(table).where(table.c.model == seq))
    if (held or 0) > MAXIMUM[kind]:
        raise TooLarge(f"A logged model carries at most {MAXIMUM[kind]} {kind}.")
