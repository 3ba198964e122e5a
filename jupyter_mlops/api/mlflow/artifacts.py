"""Files in MLflow's words: a proxy of the artifact store, and the list of a run's files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.api.mlflow.entities import artifact_uri
from jupyter_mlops.api.mlflow.errors import NotImplementedHere
from jupyter_mlops.api.mlflow.messages import Message, Nothing
from jupyter_mlops.api.mlflow.routing import message_route, tracking
from jupyter_mlops.api.mlflow.runs import Chosen, run_id
from jupyter_mlops.api.routing import Request, Route
from jupyter_mlops.artifacts.blob import FileBlob
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.domain.file_places import InLoggedModel, InRun, Place

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

UPLOAD_MAX_BYTES = 100 << 30
TRANSFER_SECONDS = 3_600.0
_PREFIX = "api/2.0/mlflow-artifacts"
# Only addresses of this form were ever handed out (security row S12).
_ISSUED = re.compile(
    r"[0-9]{1,18}/(?:([0-9a-f]{32})|models/(m-[0-9a-f]{32}))/artifacts(?:/(.*))?", re.DOTALL
)


class List(Message, frozen=True, kw_only=True):
    """The folder to list."""

    path: str = ""


class ListOfRun(Chosen, frozen=True, kw_only=True):
    """The folder of a run to list."""

    path: str = ""


class FileInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file with its size in bytes, or a folder."""

    path: str
    is_dir: bool
    file_size: int | None = None


class Files(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is in a folder, by name; ``root_uri`` where the paths begin."""

    root_uri: str = ""
    files: list[FileInfo] = []


def _place(path: str) -> Place:
    """Return the place in a run or logged model that an address stands for.

    Raises InvalidName for what could mean another place, NotFound for what was never handed out.
    """
    found = _ISSUED.fullmatch(_of_folder(path))
    if found is None:
        names.file_path(path)
        raise NotFound("There is nothing at this address.")
    run, model, inside = found.groups(default="")
    return InRun(run, inside) if run else InLoggedModel(model, inside)


def _of_folder(path: str) -> str:
    """Return a path as it is without the slash that some end a folder with."""
    return path.removesuffix("/")


def _put(services: Services, request: Request) -> None:
    services.artifacts.put(request.actor, _place(request.path["path"]), request.body)


def _get(services: Services, request: Request) -> FileBlob:
    return services.artifacts.open(request.actor, _place(request.path["path"]))


def _delete(services: Services, request: Request) -> None:
    services.artifacts.remove(request.actor, _place(request.path["path"]))


def _list(services: Services, actor: Actor, asked: List) -> Files:
    if not asked.path:
        return Files()
    place = _place(asked.path)
    try:
        found = services.artifacts.below(actor, place)
    except NotFound:
        return Files()
    return Files(files=level(found, place.path, ""))


def _list_of_run(services: Services, actor: Actor, asked: ListOfRun) -> Files:
    chosen, path = run_id(asked), _of_folder(asked.path)
    run = services.client_runs.get(actor, chosen)
    found = services.artifacts.below(actor, InRun(chosen, path))
    below = f"{path}/" if path else ""
    return Files(root_uri=artifact_uri(run), files=level(found, path, below))


def level(found: list[Artifact], path: str, shown_below: str) -> list[FileInfo]:
    """Return the files and folders right below ``path``, of all that is in it."""
    start = len(path) + 1 if path else 0
    entries: dict[str, FileInfo] = {}
    for artifact in found:
        name, deeper, _ = artifact.path[start:].partition("/")
        entries[name] = FileInfo(
            path=shown_below + name,
            is_dir=bool(deeper),
            file_size=None if deeper else artifact.size,
        )
    return list(entries.values())


def _refuse(services: Services, request: Request) -> None:
    # Its clients then send and fetch whole files, which this server streams.
    raise NotImplementedHere("This server takes and gives whole files only.")


ROUTES = (
    Route(
        method="PUT",
        path=f"{_PREFIX}/artifacts/{{path...}}",
        operation_id="mlflow.artifacts.put",
        summary="artifacts/put",
        handler=_put,
        action="write",
        resource="mlops:runs",
        answer=object,
        upload=True,
        body_max_bytes=UPLOAD_MAX_BYTES,
        timeout=TRANSFER_SECONDS,
    ),
    Route(
        method="GET",
        path=f"{_PREFIX}/artifacts/{{path...}}",
        operation_id="mlflow.artifacts.get",
        summary="artifacts/get",
        handler=_get,
        action="read",
        resource="mlops:runs",
        answer=FileBlob,
        timeout=TRANSFER_SECONDS,
    ),
    Route(
        method="DELETE",
        path=f"{_PREFIX}/artifacts/{{path...}}",
        operation_id="mlflow.artifacts.delete",
        summary="artifacts/delete",
        handler=_delete,
        action="write",
        resource="mlops:runs",
        answer=object,
        body=Nothing,
    ),
    message_route(
        "GET",
        f"{_PREFIX}/artifacts",
        handler=_list,
        message=List,
        action="read",
        resource="mlops:runs",
    ),
    tracking(
        "GET",
        "artifacts/list",
        handler=_list_of_run,
        message=ListOfRun,
        action="read",
        resource="mlops:runs",
    ),
    *(
        Route(
            method="POST",
            path=f"{_PREFIX}/mpu/{step}/{{path...}}",
            operation_id=f"mlflow.mpu.{step}",
            summary=f"mpu/{step}",
            handler=_refuse,
            action="write",
            resource="mlops:runs",
            answer=object,
            body=Nothing,
        )
        for step in ("create", "complete", "abort")
    ),
    Route(
        method="GET",
        path=f"{_PREFIX}/presigned/{{path...}}",
        operation_id="mlflow.presigned",
        summary="presigned",
        handler=_refuse,
        action="read",
        resource="mlops:runs",
        answer=object,
        body=Nothing,
    ),
)
