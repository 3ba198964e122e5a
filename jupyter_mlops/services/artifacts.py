"""Files of runs and of logged models that a client stores, lists, reads and removes over HTTP."""

from __future__ import annotations

from sqlalchemy import Connection

from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain import media_types, names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.file_places import InLoggedModel, InRun, Place
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.runs import check_run_id
from jupyter_mlops.services.upload_quota import ArrivingFile, UploadQuota
from jupyter_mlops.store import artifacts, events, logged_model_artifacts, run_limits
from jupyter_mlops.store.database import Database


class ArtifactService:
    """What can be done with the files of a run or of a logged model, one after the other."""

    def __init__(self, database: Database, content: ContentStore, quota: UploadQuota) -> None:
        self._database = database
        self._content = content
        self._quota = quota

    def begin(self, actor: Actor, declared: int | None) -> ArrivingFile:
        """Return where bytes go that arrive piece by piece; whoever asked keeps or discards it.

        QuotaExceeded when as many as are ``declared`` have no room.
        """
        require(actor, "write", "mlops:runs")
        share = self._quota.begin(actor.user, declared)
        return ArrivingFile(self._content.begin(declared), share)

    def put(self, actor: Actor, place: Place, arriving: ArrivingFile) -> None:
        """Let a place name what arrived; the bytes are durable before the row."""
        require(actor, "write", "mlops:runs")
        _check_named(place)
        with self._content.naming():
            digest, size = self._content.keep(arriving.incoming)
            media_type, preview = media_types.of_path(place.path)
            artifact = Artifact(
                path=place.path,
                digest=digest,
                size=size,
                media_type=media_type,
                preview=preview,
                created_at=now_ms(),
            )
            with self._database.write() as connection:
                if isinstance(place, InRun):
                    changed = _put_in_run(connection, place.run_id, artifact)
                else:
                    changed = logged_model_artifacts.put(connection, place.model_id, artifact)
                if changed:
                    _tell(connection, place, actor)
            arriving.keep()

    def open(self, actor: Actor, place: Place) -> FileBlob:
        """Open one file; the host closes it. NotFound when the place names none."""
        require(actor, "read", "mlops:runs")
        _check_named(place)
        with self._database.read() as connection:
            if isinstance(place, InRun):
                found = artifacts.get(connection, place.run_id, place.path)
            else:
                found = logged_model_artifacts.get(connection, place.model_id, place.path)
        return FileBlob(
            file=self._content.open(found.digest),
            size=found.size,
            media_type=found.media_type,
            filename=place.path.rsplit("/", 1)[-1],
            digest=found.digest,
        )

    def below(self, actor: Actor, place: Place) -> list[Artifact]:
        """Return the files below a folder, by path."""
        require(actor, "read", "mlops:runs")
        _check(place)
        with self._database.read() as connection:
            if isinstance(place, InRun):
                return artifacts.folder(connection, place.run_id, place.path)
            return logged_model_artifacts.folder(connection, place.model_id, place.path)

    def remove(self, actor: Actor, place: Place) -> None:
        """Remove a file, or all below a folder; Conflict when they are evidence by now."""
        require(actor, "write", "mlops:runs")
        _check(place)
        with self._database.write(clean_up=True) as connection:
            if isinstance(place, InRun):
                gone = bool(artifacts.remove(connection, place.run_id, place.path))
            else:
                gone = logged_model_artifacts.remove(connection, place.model_id, place.path)
            if gone:
                _tell(connection, place, actor)


def _check(place: Place) -> None:
    """Refuse what is no place of files; without a path it is all of them."""
    if place.path:
        _check_named(place)
    elif isinstance(place, InRun):
        check_run_id(place.run_id)


def _check_named(place: Place) -> None:
    """Refuse what is no place of a file."""
    if isinstance(place, InRun):
        check_run_id(place.run_id)
    names.file_path(place.path)


def _put_in_run(connection: Connection, run_id: str, artifact: Artifact) -> bool:
    held = artifacts.holder(connection, run_id, artifact.path)
    if held.deleted:
        raise InvalidRequest("The run must be in the 'active' state.")
    if held.digest is None:
        run_limits.check_room(connection, held.run, "files")
    return artifacts.put(connection, run_id, artifact, held)


def _tell(connection: Connection, place: InRun | InLoggedModel, actor: Actor) -> None:
    if isinstance(place, InRun):
        events.append(connection, EventType.RUN_LOGGED, place.run_id, actor.user)
    else:
        events.append(connection, EventType.LOGGED_MODEL_CHANGED, place.model_id, actor.user)
