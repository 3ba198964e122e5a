"""What a tracking server answers becomes records; what is absent is empty, numbers may be text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import unquote, urlsplit

from jupyter_mlops.client import ClientError
from jupyter_mlops.transfer.records import (
    DatasetInput,
    Experiment,
    File,
    LoggedModel,
    ModelPoint,
    Point,
    RegisteredModel,
    Run,
    Version,
)

Message = Mapping[str, Any]
P = ParamSpec("P")
T = TypeVar("T")
_DELETED = "deleted"


def in_form(read: Callable[P, T]) -> Callable[P, T]:
    """Have an answer that has not the form of the protocol be an error that says so."""

    @wraps(read)
    def checked(*said: P.args, **more: P.kwargs) -> T:
        try:
            return read(*said, **more)
        except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise ClientError(
                "A server answered in a form that MLflow's protocol does not have.",
                code="invalid_answer",
            ) from error

    return checked


def pairs(items: Iterable[Message] | None) -> dict[str, str]:
    """Return what comes as a list of keys with their values."""
    return {str(each.get("key", "")): str(each.get("value", "")) for each in items or ()}


@in_form
def experiment(said: Message) -> Experiment:
    """Return an experiment."""
    return Experiment(
        experiment_id=str(said["experiment_id"]),
        name=str(said.get("name", "")),
        tags=pairs(said.get("tags")),
        deleted=said.get("lifecycle_stage") == _DELETED,
    )


@in_form
def run(said: Message) -> Run:
    """Return a run."""
    info, data = said["info"], said.get("data") or {}
    inputs, outputs = said.get("inputs") or {}, said.get("outputs") or {}
    tags = pairs(data.get("tags"))
    return Run(
        run_id=str(info.get("run_id") or info["run_uuid"]),
        experiment_id=str(info["experiment_id"]),
        name=str(info.get("run_name") or tags.get("mlflow.runName", "")),
        status=str(info.get("status", "RUNNING")),
        started_at=_whole(info.get("start_time")),
        ended_at=_whole(info.get("end_time")),
        user=str(info.get("user_id", "")),
        artifact_uri=str(info.get("artifact_uri", "")),
        deleted=info.get("lifecycle_stage") == _DELETED,
        parameters=pairs(data.get("params")),
        tags=tags,
        metric_keys=tuple(str(each["key"]) for each in data.get("metrics") or ()),
        datasets=tuple(map(_dataset, inputs.get("dataset_inputs") or ())),
        input_models=tuple(str(each["model_id"]) for each in inputs.get("model_inputs") or ()),
        output_models=tuple(
            (str(each["model_id"]), _whole(each.get("step")) or 0)
            for each in outputs.get("model_outputs") or ()
        ),
    )


@in_form
def got_run(said: Message) -> Run:
    """Return the run that was asked for."""
    return run(said["run"])


@in_form
def point(said: Message) -> Point:
    """Return a value of a metric."""
    return Point(
        key=str(said["key"]),
        value=float(said.get("value", 0)),
        timestamp=_whole(said.get("timestamp")) or 0,
        step=_whole(said.get("step")) or 0,
    )


@in_form
def model(said: Message) -> LoggedModel:
    """Return a logged model."""
    info, data = said["info"], said.get("data") or {}
    model_id = str(info["model_id"])
    return LoggedModel(
        model_id=model_id,
        experiment_id=str(info["experiment_id"]),
        name=str(info.get("name", "")),
        model_type=str(info.get("model_type", "")),
        source_run_id=str(info.get("source_run_id", "")),
        status=str(info.get("status", "")),
        artifact_uri=str(info.get("artifact_uri", "")),
        parameters=pairs(data.get("params")),
        tags=pairs(info.get("tags")),
        points=tuple(
            ModelPoint(
                run_id=str(each.get("run_id", "")),
                model_id=model_id,
                point=point(each),
                dataset_name=str(each.get("dataset_name", "")),
                dataset_digest=str(each.get("dataset_digest", "")),
            )
            for each in data.get("metrics") or ()
        ),
    )


@in_form
def registered_model(said: Message) -> RegisteredModel:
    """Return a registered model."""
    return RegisteredModel(
        name=str(said["name"]),
        created_at=_whole(said.get("creation_timestamp")) or 0,
        description=str(said.get("description", "")),
        tags=pairs(said.get("tags")),
        aliases={
            str(each["alias"]): _whole(each.get("version")) or 0
            for each in said.get("aliases") or ()
        },
    )


@in_form
def got_registered_model(said: Message) -> RegisteredModel:
    """Return the registered model that was asked for."""
    return registered_model(said["registered_model"])


@in_form
def version(said: Message) -> Version:
    """Return a version of a registered model."""
    return Version(
        name=str(said["name"]),
        number=_whole(said["version"]) or 0,
        source=str(said.get("source", "")),
        run_id=str(said.get("run_id", "")),
        model_id=str(said.get("model_id", "")),
        run_link=str(said.get("run_link", "")),
        description=str(said.get("description", "")),
        stage=str(said.get("current_stage", "None")),
        tags=pairs(said.get("tags")),
    )


@in_form
def entry(said: Message) -> tuple[File, bool]:
    """Return an entry of a folder, and whether it is a folder itself."""
    size = said.get("file_size")
    return File(str(said["path"]), None if size is None else int(size)), bool(said.get("is_dir"))


@in_form
def place(uri: str) -> tuple[str, str]:
    """Return scheme and path of where files are."""
    where = urlsplit(uri)
    return where.scheme, unquote(where.path).strip("/")


@in_form
def listed(said: Message, key: str) -> list[Any]:
    """Return what an answer lists; nothing when it does not say."""
    return list(said.get(key) or ())


def _dataset(said: Message) -> DatasetInput:
    of = said["dataset"]
    return DatasetInput(
        name=str(of.get("name", "")),
        digest=str(of.get("digest", "")),
        source_type=str(of.get("source_type", "")),
        source=str(of.get("source", "")),
        schema=of.get("schema"),
        profile=of.get("profile"),
        tags=pairs(said.get("tags")),
    )


def _whole(value: object) -> int | None:
    return None if value in (None, "") else int(str(value))
