"""Queries of model versions: numbered within their registered model, never numbered anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    func,
    insert,
    select,
    update,
)

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.file_places import InLoggedModel, InRun, Place
from jupyter_mlops.domain.model_versions import ARCHIVED, STAGES, ModelVersion
from jupyter_mlops.domain.runs import Tag
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import (
    model_aliases,
    model_version_tags,
    model_versions,
    registered_models,
)

LIVING = model_versions.c.deleted_at.is_(None)
# Whose files the version is made of.
RUN, MODEL = "run", "logged_model"
_IDS_IN_STATEMENT = 500


@dataclass(frozen=True)
class NewVersionRow:
    """What is known of a version when it is made, and never changes."""

    model: int
    user: str
    created_at: int
    source: str
    place: Place
    run_id: str | None
    model_id: str | None
    run_link: str
    description: str


def insert_next(connection: Connection, row: NewVersionRow, tags: Mapping[str, str]) -> int:
    """Make the next version of a model and return its number."""
    number: int = connection.execute(
        update(registered_models)
        .where(registered_models.c.id == row.model)
        .values(last_version=registered_models.c.last_version + 1, updated_at=row.created_at)
        .returning(registered_models.c.last_version)
    ).scalar_one()
    made = connection.execute(
        insert(model_versions)
        .values(
            model=row.model,
            number=number,
            description=row.description,
            user=row.user,
            created_at=row.created_at,
            updated_at=row.created_at,
            source=row.source,
            holder=RUN if isinstance(row.place, InRun) else MODEL,
            path=row.place.path,
            run_id=row.run_id,
            model_id=row.model_id,
            run_link=row.run_link,
        )
        .returning(model_versions.c.id)
    ).scalar_one()
    for key, value in tags.items():
        set_tag(connection, int(made), key, value)
    return number


def find(connection: Connection, model: int, number: int) -> int:
    """Return the id of a version; NotFound when there is none, or it was deleted."""
    found = connection.scalar(
        select(model_versions.c.id).where(
            model_versions.c.model == model, model_versions.c.number == number, LIVING
        )
    )
    if found is None:
        raise NotFound("There is no such model version.")
    return int(found)


def get(connection: Connection, version: int) -> ModelVersion:
    """Return the version with this id; NotFound when there is none, or it was deleted."""
    found = load(connection, [version])
    if not found:
        raise NotFound("There is no such model version.")
    return found[0]


def load(connection: Connection, ids: Sequence[int]) -> list[ModelVersion]:
    """Return the versions with these ids, in their order; deleted ones are left out."""
    found: dict[int, ModelVersion] = {}
    for start in range(0, len(ids), _IDS_IN_STATEMENT):
        some = ids[start : start + _IDS_IN_STATEMENT]
        tags = _tags(connection, some)
        aliases = _aliases(connection, some)
        rows = connection.execute(_selection().where(model_versions.c.id.in_(some)))
        for row in rows:
            found[row.id] = _version(row, tags.get(row.id, []), aliases.get(row.id, []))
    return [found[each] for each in ids if each in found]


def latest(connection: Connection, models: Collection[int]) -> dict[int, list[ModelVersion]]:
    """Return the newest version of each stage by model, as MLflow does: stages in no order."""
    newest = [
        select(func.max(model_versions.c.id))
        .where(
            model_versions.c.model == registered_models.c.id,
            model_versions.c.stage == stage,
            LIVING,
        )
        .correlate(registered_models)
        .scalar_subquery()
        .label(f"newest_{stage}")
        for stage in STAGES
    ]
    ids: list[int] = []
    for row in connection.execute(select(*newest).where(registered_models.c.id.in_(list(models)))):
        ids.extend(each for each in row if each is not None)
    found: dict[int, list[ModelVersion]] = {model: [] for model in models}
    for version in load(connection, sorted(ids)):
        found[version.registered_model_id].append(version)
    return found


def describe(connection: Connection, version: int, description: str, now: int) -> None:
    """Set the description of a version."""
    _update(connection, version, description=description, updated_at=now)


def set_stage(connection: Connection, version: int, stage: str, now: int) -> None:
    """Put a version into a stage; its model counts as changed."""
    _update(connection, version, stage=stage, updated_at=now)
    _touch_model(connection, version, now)


def archive_others(connection: Connection, version: int, stage: str, now: int) -> list[int]:
    """Move the other versions of the model out of a stage; return their numbers."""
    own = select(model_versions.c.model).where(model_versions.c.id == version).scalar_subquery()
    return list(
        connection.scalars(
            update(model_versions)
            .where(
                model_versions.c.model == own,
                model_versions.c.id != version,
                model_versions.c.stage == stage,
                LIVING,
            )
            .values(stage=ARCHIVED, updated_at=now)
            .returning(model_versions.c.number)
        )
    )


def trash(connection: Connection, version: int, now: int) -> list[str]:
    """Move a version to the trash; return the aliases that were on it, which are gone."""
    gone = connection.scalars(
        delete(model_aliases)
        .where(model_aliases.c.version == version)
        .returning(model_aliases.c.alias)
    ).all()
    _update(connection, version, deleted_at=now, updated_at=now)
    _touch_model(connection, version, now)
    return list(gone)


def set_tag(connection: Connection, version: int, key: str, value: str) -> None:
    """Set one tag of a version."""
    connection.execute(
        dialects.insert(connection, model_version_tags)
        .values(version=version, key=key, value=value)
        .on_conflict_do_update(index_elements=["version", "key"], set_={"value": value})
    )


def tag_keys(connection: Connection, version: int) -> set[str]:
    """Return the keys of the tags of a version."""
    keys = select(model_version_tags.c.key).where(model_version_tags.c.version == version)
    return set(connection.scalars(keys))


def remove_tag(connection: Connection, version: int, key: str) -> bool:
    """Remove one tag of a version; tell whether there was one."""
    gone = connection.execute(
        delete(model_version_tags).where(
            model_version_tags.c.version == version, model_version_tags.c.key == key
        )
    )
    return gone.rowcount > 0


def hold(connection: Connection, place: Place) -> bool:
    """Tell whether a file, or anything below a folder, is part of a version not in the trash."""
    path = model_versions.c.path
    statement = select(model_versions.c.id).where(_of(place), LIVING).limit(1)
    if place.path:
        # "0" comes right behind "/": what lies below.
        below = (path > f"{place.path}/") & (path < f"{place.path}0")
        statement = statement.where(path.in_(_around(place.path)) | below)
    return connection.scalar(statement) is not None


def made_of(connection: Connection, model_ids: Collection[str]) -> set[str]:
    """Return those of the logged models that a version not in the trash is made of."""
    asked = model_versions.c.model_id.in_(list(model_ids))
    return set(connection.scalars(select(model_versions.c.model_id).where(asked, LIVING)))


def _of(place: Place) -> ColumnElement[bool]:
    if isinstance(place, InRun):
        return (model_versions.c.run_id == place.run_id) & (model_versions.c.holder == RUN)
    return (model_versions.c.model_id == place.model_id) & (model_versions.c.holder == MODEL)


def _around(path: str) -> list[str]:
    """Return a path and every folder that it is in, up to the one that holds all."""
    return ["", path, *(path[:end] for end, char in enumerate(path) if char == "/")]


def _selection() -> Select[Any]:
    return (
        select(model_versions, registered_models.c.name)
        .join_from(
            model_versions, registered_models, registered_models.c.id == model_versions.c.model
        )
        .where(LIVING)
    )


def _version(row: Row[Any], tags: list[Tag], aliases: list[str]) -> ModelVersion:
    place: Place = (
        InRun(row.run_id, row.path) if row.holder == RUN else InLoggedModel(row.model_id, row.path)
    )
    return ModelVersion(
        registered_model_id=row.model,
        name=row.name,
        version=row.number,
        description=row.description,
        user=row.user,
        created_at=row.created_at,
        updated_at=row.updated_at,
        stage=row.stage,
        source=row.source,
        place=place,
        run_id=row.run_id,
        model_id=row.model_id,
        run_link=row.run_link,
        tags=tags,
        aliases=aliases,
    )


def _tags(connection: Connection, ids: Sequence[int]) -> dict[int, list[Tag]]:
    found: dict[int, list[Tag]] = {}
    for row in connection.execute(
        select(model_version_tags)
        .where(model_version_tags.c.version.in_(ids))
        .order_by(model_version_tags.c.version, model_version_tags.c.key)
    ):
        found.setdefault(row.version, []).append(Tag(key=row.key, value=row.value))
    return found


def _aliases(connection: Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in connection.execute(
        select(model_aliases.c.version, model_aliases.c.alias)
        .where(model_aliases.c.version.in_(ids))
        .order_by(model_aliases.c.version, model_aliases.c.alias)
    ):
        found.setdefault(row.version, []).append(row.alias)
    return found


def _touch_model(connection: Connection, version: int, now: int) -> None:
    own = select(model_versions.c.model).where(model_versions.c.id == version).scalar_subquery()
    connection.execute(
        update(registered_models).where(registered_models.c.id == own).values(updated_at=now)
    )


def _update(connection: Connection, version: int, **values: Any) -> None:
    connection.execute(update(model_versions).where(model_versions.c.id == version).values(values))
