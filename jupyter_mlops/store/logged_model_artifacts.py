"""Queries of the files of logged models: which path names which bytes (security row S14)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    bindparam,
    delete,
    exists,
    func,
    select,
    true,
)

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound, TooLarge
from jupyter_mlops.domain.file_places import InLoggedModel
from jupyter_mlops.domain.logged_models import MAXIMUM, LoggedModelStatus
from jupyter_mlops.store import dialects, logged_models, model_versions
from jupyter_mlops.store.logged_models import ModelState
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.tables import logged_model_artifacts as files

_NAMED = ("digest", "size", "media_type", "preview", "created_at")
_COLUMNS = ("path", *_NAMED)
_ROWS = select(*(files.c[name] for name in _COLUMNS))


def _putting(dialect: str) -> Executable:
    statement = dialects.upsert_in(dialect, files, ("model", "path"), _NAMED)
    return statement.values({name: bindparam(f"new_{name}") for name in ("model", *_COLUMNS)})


# Made once: every file of a model goes through them.
_OF_MODEL = files.c.model == bindparam("of_model")
_ARTIFACT = Prepared(_ROWS.where(_OF_MODEL, files.c.path == bindparam("at_path")))
_HELD = Prepared(select(func.count()).select_from(files).where(_OF_MODEL))
_PUT = Prepared(_putting)


def put(connection: Connection, model_id: str, artifact: Artifact) -> bool:
    """Let a path of a model name bytes that are already in the content store; tell if that is new.

    The path may come to name other bytes while the model is being made, or while the run is on that
    made it; afterwards it is evidence and a different digest is a Conflict.
    """
    model = logged_models.find(connection, model_id)
    if model.deleted_at is not None:
        raise InvalidRequest("The logged model must be in the 'active' state.")
    known = _ARTIFACT.rows(connection, {"of_model": model.seq, "at_path": artifact.path})
    if known and _artifact(known[0]).digest == artifact.digest:
        return False
    if known:
        _check_changeable(connection, model, artifact.path)
    else:
        _check_room(connection, model.seq)
    values = {f"new_{name}": getattr(artifact, name) for name in _COLUMNS}
    _PUT.change(connection, {"new_model": model.seq, **values})
    return True


def get(connection: Connection, model_id: str, path: str) -> Artifact:
    """Return one file of a model; NotFound when the path names none."""
    model = logged_models.find(connection, model_id)
    for row in _ARTIFACT.rows(connection, {"of_model": model.seq, "at_path": path}):
        return _artifact(row)
    raise NotFound("This logged model has no such file.")


def folder(connection: Connection, model_id: str, path: str) -> list[Artifact]:
    """Return the files of a model below a folder (all of them for ``""``), by path."""
    model = logged_models.find(connection, model_id)
    statement = _ROWS.where(files.c.model == model.seq)
    if path:
        # "0" comes right behind "/": a range of the primary key.
        statement = statement.where(files.c.path > f"{path}/", files.c.path < f"{path}0")
    return [_artifact(row) for row in connection.execute(statement.order_by(files.c.path))]


def any_at(connection: Connection, model_id: str, path: str) -> bool:
    """Tell whether a model has a file of this path, or any below it; ``""`` is any at all."""
    model = logged_models.find(connection, model_id)
    return bool(connection.scalar(select(exists().where(files.c.model == model.seq, _at(path)))))


def remove(connection: Connection, model_id: str, path: str) -> bool:
    """Remove a file or all below a folder; tell whether there was any. Conflict for evidence."""
    model = logged_models.find(connection, model_id)
    _check_changeable(connection, model, path)
    gone = delete(files).where(files.c.model == model.seq, _at(path))
    return bool(connection.execute(gone).rowcount)


def _at(path: str) -> ColumnElement[bool]:
    inside = (files.c.path > f"{path}/") & (files.c.path < f"{path}0")
    return true() if not path else (files.c.path == path) | inside


def _check_changeable(connection: Connection, model: ModelState, path: str) -> None:
    pending = model.status is LoggedModelStatus.PENDING
    if not pending and not logged_models.made_by_active_run(connection, model):
        raise Conflict("The files of a logged model that is ready do not change.", field="path")
    if model_versions.hold(connection, InLoggedModel(model.model_id, path)):
        raise Conflict("The files of a model version do not change.", field="path")


def _check_room(connection: Connection, seq: int) -> None:
    ((held,),) = _HELD.rows(connection, {"of_model": seq})
    if held >= MAXIMUM["files"]:
        raise TooLarge(f"A logged model carries at most {MAXIMUM['files']} files.")


def _artifact(row: Sequence[Any]) -> Artifact:
    return Artifact(**dict(zip(_COLUMNS, row, strict=True)))
