"""Queries of registered models; names are unique whatever their case or width (security row S30)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.names import canonical
from jupyter_mlops.domain.registered_models import Alias, RegisteredModel
from jupyter_mlops.domain.runs import Tag
from jupyter_mlops.store import dialects, model_versions
from jupyter_mlops.store.tables import (
    model_aliases,
    registered_model_tags,
    registered_models,
)
from jupyter_mlops.store.tables import model_versions as versions_table

LIVING = registered_models.c.deleted_at.is_(None)
_IDS_IN_STATEMENT = 500


def create(connection: Connection, name: str, description: str, user: str, now: int) -> int:
    """Make a registered model and return its number; Conflict when the name is taken."""
    made = connection.execute(
        dialects.insert(connection, registered_models)
        .values(
            name=name,
            canonical_name=canonical(name),
            description=description,
            user=user,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=[registered_models.c.canonical_name], index_where=LIVING
        )
        .returning(registered_models.c.id)
    ).scalar_one_or_none()
    if made is None:
        raise Conflict("There is a registered model of this name already.", field="name")
    return int(made)


def find(connection: Connection, name: str) -> int:
    """Return the number of the model of a name, whatever its case; NotFound when there is none."""
    found = connection.scalar(select(registered_models.c.id).where(*_called(name)))
    if found is None:
        raise NotFound("There is no registered model of this name.", field="name")
    return int(found)


def get(connection: Connection, model: int) -> RegisteredModel:
    """Return one model with the newest version of each stage; NotFound when there is none."""
    found = load(connection, [model])
    if not found:
        raise NotFound("There is no such registered model.")
    return found[0]


def load(connection: Connection, ids: Sequence[int]) -> list[RegisteredModel]:
    """Return the models with these numbers, in their order; deleted ones are left out."""
    found: dict[int, RegisteredModel] = {}
    for start in range(0, len(ids), _IDS_IN_STATEMENT):
        found.update(_some(connection, ids[start : start + _IDS_IN_STATEMENT]))
    return [found[each] for each in ids if each in found]


def _some(connection: Connection, ids: Sequence[int]) -> dict[int, RegisteredModel]:
    tags: dict[int, list[Tag]] = {}
    for row in connection.execute(
        select(registered_model_tags)
        .where(registered_model_tags.c.model.in_(ids))
        .order_by(registered_model_tags.c.model, registered_model_tags.c.key)
    ):
        tags.setdefault(row.model, []).append(Tag(key=row.key, value=row.value))
    aliases: dict[int, list[Alias]] = {}
    for row in connection.execute(
        select(model_aliases.c.model, model_aliases.c.alias, versions_table.c.number)
        .join_from(model_aliases, versions_table, versions_table.c.id == model_aliases.c.version)
        .where(model_aliases.c.model.in_(ids))
        .order_by(model_aliases.c.model, model_aliases.c.alias)
    ):
        aliases.setdefault(row.model, []).append(Alias(alias=row.alias, version=row.number))
    latest = model_versions.latest(connection, ids)
    return {
        row.id: RegisteredModel(
            registered_model_id=row.id,
            name=row.name,
            description=row.description,
            user=row.user,
            created_at=row.created_at,
            updated_at=row.updated_at,
            tags=tags.get(row.id, []),
            aliases=aliases.get(row.id, []),
            latest_versions=latest[row.id],
        )
        for row in connection.execute(
            select(registered_models).where(registered_models.c.id.in_(ids), LIVING)
        )
    }


def rename(connection: Connection, model: int, name: str, now: int) -> None:
    """Give a model another name; Conflict when it is taken. Its versions count as changed."""
    taken = connection.scalar(
        select(registered_models.c.id).where(*_called(name), registered_models.c.id != model)
    )
    if taken is not None:
        raise Conflict("There is a registered model of this name already.", field="new_name")
    _update(connection, model, name=name, canonical_name=canonical(name), updated_at=now)
    connection.execute(
        update(versions_table)
        .where(versions_table.c.model == model, model_versions.LIVING)
        .values(updated_at=now)
    )


def describe(connection: Connection, model: int, description: str, now: int) -> None:
    """Set the description of a model."""
    _update(connection, model, description=description, updated_at=now)


def trash(connection: Connection, model: int, now: int) -> None:
    """Move a model and its versions to the trash; its name is free."""
    connection.execute(
        update(versions_table)
        .where(versions_table.c.model == model, model_versions.LIVING)
        .values(deleted_at=now)
    )
    _update(connection, model, deleted_at=now, updated_at=now)


def set_tag(connection: Connection, model: int, key: str, value: str) -> None:
    """Set one tag of a model."""
    connection.execute(
        dialects.insert(connection, registered_model_tags)
        .values(model=model, key=key, value=value)
        .on_conflict_do_update(index_elements=["model", "key"], set_={"value": value})
    )


def tag_keys(connection: Connection, model: int) -> set[str]:
    """Return the keys of the tags of a model."""
    keys = select(registered_model_tags.c.key).where(registered_model_tags.c.model == model)
    return set(connection.scalars(keys))


def remove_tag(connection: Connection, model: int, key: str) -> bool:
    """Remove one tag of a model; tell whether there was one."""
    gone = connection.execute(
        delete(registered_model_tags).where(
            registered_model_tags.c.model == model, registered_model_tags.c.key == key
        )
    )
    return gone.rowcount > 0


def _called(name: str) -> tuple[ColumnElement[bool], ...]:
    return registered_models.c.canonical_name == canonical(name), LIVING


def _update(connection: Connection, model: int, **values: Any) -> None:
    connection.execute(
        update(registered_models).where(registered_models.c.id == model).values(values)
    )
