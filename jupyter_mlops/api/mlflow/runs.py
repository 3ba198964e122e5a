"""Runs in MLflow's words: open, log, report, read, delete, restore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import entities, messages
from jupyter_mlops.api.mlflow.entities import NAME_TAG, NOTE_TAG, RunEntity, RunInfo
from jupyter_mlops.api.mlflow.experiments import experiment_id
from jupyter_mlops.api.mlflow.key_values import KeyValue
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain import datasets, names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.client_runs import LoggedBatch, NewClientRun, Report
from jupyter_mlops.domain.datasets import DatasetKey
from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.logged_models import ModelPoint
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import RunStatus

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

PARAMETER_MAX_CHARS = 6_000
TAG_MAX_CHARS = 8_000
BATCH_MAX = {"metrics": 1_000, "params": 100, "tags": 100}
BATCH_ALL_MAX = 1_000


class Create(Message, frozen=True, kw_only=True):
    """A new run; ``start_time`` in milliseconds. ``user_id`` is known better by its token."""

    experiment_id: str = "0"
    run_name: str = ""
    start_time: int | float | str | None = None
    user_id: str = ""
    tags: tuple[KeyValue, ...] = ()


class Chosen(Message, frozen=True, kw_only=True):
    """A run by its id, or by the name that old clients have for it."""

    run_id: str = ""
    run_uuid: str = ""


class Update(Chosen, frozen=True, kw_only=True):
    """How a run goes; ``end_time`` in milliseconds."""

    status: str = ""
    end_time: int | float | str | None = None
    run_name: str = ""


class MetricMessage(Message, frozen=True, kw_only=True):
    """One value; it may come as a number, as text, or as the name of a number."""

    key: str
    value: int | float | str | bool
    timestamp: int | float | str
    step: int | float | str | None = None
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogMetric(Chosen, frozen=True, kw_only=True):
    """One value of one run."""

    key: str
    value: int | float | str | bool
    timestamp: int | float | str
    step: int | float | str | None = None
    model_id: str | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class LogKeyValue(Chosen, frozen=True, kw_only=True):
    """One parameter or tag of a run."""

    key: str
    value: str = ""


class DeleteTag(Chosen, frozen=True, kw_only=True):
    """The key of a tag of a run."""

    key: str


class LogBatch(Chosen, frozen=True, kw_only=True):
    """Values, parameters and tags of one run."""

    metrics: tuple[MetricMessage, ...] = ()
    params: tuple[KeyValue, ...] = ()
    tags: tuple[KeyValue, ...] = ()


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    run: RunEntity


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is, without what was logged."""

    run_info: RunInfo


def run_id(asked: Chosen) -> str:
    """Return the id of the run that a message is about."""
    chosen = asked.run_id or asked.run_uuid
    if not chosen:
        raise messages.missing("run_id")
    if not names.is_run_id(chosen):
        raise NotFound(f"Run with id={_shown(chosen)} not found")
    return chosen


def _create(services: Services, actor: Actor, asked: Create) -> One:
    batch = _batch(tags=asked.tags)
    if asked.run_name:
        batch = replace(batch, name=asked.run_name)
    made = services.client_runs.create(
        actor,
        NewClientRun(
            experiment_id=experiment_id(asked.experiment_id),
            started_at=messages.whole(asked.start_time, "start_time", least=0),
            first=batch,
        ),
    )
    return One(run=entities.run(made))


def _get(services: Services, actor: Actor, asked: Chosen) -> One:
    chosen = run_id(asked)
    try:
        found = services.client_runs.get(actor, chosen)
    except NotFound:
        raise NotFound(f"Run with id={chosen} not found") from None
    return One(run=entities.run(found))


def _update(services: Services, actor: Actor, asked: Update) -> Info:
    # MLflow ignores a status that it does not know.
    status = RunStatus(asked.status) if asked.status in RunStatus.__members__ else None
    changed = services.client_runs.report(
        actor,
        run_id(asked),
        Report(
            status=status,
            ended_at=messages.whole(asked.end_time, "end_time", least=0),
            name=asked.run_name or None,
        ),
    )
    return Info(run_info=entities.run(changed).info)


def _delete(services: Services, actor: Actor, asked: Chosen) -> None:
    services.client_runs.trash(actor, run_id(asked))


def _restore(services: Services, actor: Actor, asked: Chosen) -> None:
    services.runs.restore(actor, run_id(asked))


def _log_metric(services: Services, actor: Actor, asked: LogMetric) -> None:
    services.client_runs.log(actor, run_id(asked), _batch(metrics=[asked]))


def _log_parameter(services: Services, actor: Actor, asked: LogKeyValue) -> None:
    given = KeyValue(key=asked.key, value=asked.value)
    services.client_runs.log(actor, run_id(asked), _batch(parameters=[given]))


def _set_tag(services: Services, actor: Actor, asked: LogKeyValue) -> None:
    given = KeyValue(key=asked.key, value=asked.value)
    services.client_runs.log(actor, run_id(asked), _batch(tags=[given]))


def _delete_tag(services: Services, actor: Actor, asked: DeleteTag) -> None:
    if asked.key == NOTE_TAG:
        services.client_runs.log(actor, run_id(asked), LoggedBatch(note=""))
        return
    try:
        services.client_runs.remove_tag(actor, run_id(asked), asked.key)
    except NotFound:
        raise NotFound(
            f"No tag with name: {_shown(asked.key)} in run with id {run_id(asked)}"
        ) from None


def _log_batch(services: Services, actor: Actor, asked: LogBatch) -> None:
    counts = {
        "metrics": len(asked.metrics),
        "params": len(asked.params),
        "tags": len(asked.tags),
    }
    for kind, most in BATCH_MAX.items():
        if counts[kind] > most:
            raise InvalidRequest(
                f"A batch logging request can contain at most {most} {kind}. "
                f"Got {counts[kind]} {kind}. Please split up {kind} across multiple requests "
                "and try again.",
                field=kind,
            )
    if sum(counts.values()) > BATCH_ALL_MAX:
        raise InvalidRequest(
            f"A batch logging request can contain at most {BATCH_ALL_MAX} metrics, params, and "
            "tags in all."
        )
    batch = _batch(asked.metrics, asked.params, asked.tags)
    services.client_runs.log(actor, run_id(asked), batch)


def _batch(
    metrics: Sequence[MetricMessage | LogMetric] = (),
    parameters: Sequence[KeyValue] = (),
    tags: Sequence[KeyValue] = (),
) -> LoggedBatch:
    """Return what was sent as one batch; the two tags that are columns of ours become these."""
    given = {names.key(item.key): item.value[:TAG_MAX_CHARS] for item in tags}
    points = [(item, _point(item)) for item in metrics]
    return LoggedBatch(
        points=tuple(point for _, point in points),
        model_points=tuple(
            ModelPoint(item.model_id, point, _dataset(item))
            for item, point in points
            if item.model_id
        ),
        parameters=_parameters(parameters),
        name=given.pop(NAME_TAG, None),
        note=given.pop(NOTE_TAG, None),
        tags=given,
    )


def _dataset(sent: MetricMessage | LogMetric) -> DatasetKey | None:
    if bool(sent.dataset_name) != bool(sent.dataset_digest):
        raise InvalidRequest(
            "Both dataset_name and dataset_digest must be provided if one is provided",
            field="dataset_name",
        )
    if not sent.dataset_name or not sent.dataset_digest:
        return None
    return datasets.key(sent.dataset_name, sent.dataset_digest)


def _point(sent: MetricMessage | LogMetric) -> Point:
    return Point(
        key=names.key(sent.key),
        value=messages.real(sent.value, "value"),
        step=messages.whole(sent.step, "step") or 0,
        timestamp=messages.whole(sent.timestamp, "timestamp", least=0) or 0,
    )


def _parameters(sent: Sequence[KeyValue]) -> dict[str, str]:
    made = {names.key(item.key): item.value[:PARAMETER_MAX_CHARS] for item in sent}
    if len(made) != len(sent):
        raise InvalidRequest("Duplicate parameter keys have been submitted.", field="params")
    return made


def _shown(text: str) -> str:
    return text if len(text) <= names.KEY_MAX_CHARS else f"{text[: names.KEY_MAX_CHARS]}..."


_READ: dict[str, Any] = {"action": "read", "resource": "mlops:runs"}
_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:runs"}

ROUTES = (
    tracking("POST", "runs/create", handler=_create, message=Create, **_WRITE),
    tracking("GET", "runs/get", handler=_get, message=Chosen, **_READ),
    tracking("POST", "runs/update", handler=_update, message=Update, **_WRITE),
    tracking("POST", "runs/delete", handler=_delete, message=Chosen, **_WRITE),
    tracking("POST", "runs/restore", handler=_restore, message=Chosen, **_WRITE),
    tracking("POST", "runs/log-metric", handler=_log_metric, message=LogMetric, **_WRITE),
    tracking("POST", "runs/log-parameter", handler=_log_parameter, message=LogKeyValue, **_WRITE),
    tracking("POST", "runs/set-tag", handler=_set_tag, message=LogKeyValue, **_WRITE),
    tracking("POST", "runs/delete-tag", handler=_delete_tag, message=DeleteTag, **_WRITE),
    tracking("POST", "runs/log-batch", handler=_log_batch, message=LogBatch, **_WRITE),
)
