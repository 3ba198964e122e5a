"""What MLflow's clients read: experiments and runs in the words of their protocol."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from jupyter_mlops.api.mlflow import lineage_entities
from jupyter_mlops.api.mlflow.key_values import KeyValue, key_values
from jupyter_mlops.api.mlflow.lineage_entities import RunInputs, RunOutputs
from jupyter_mlops.domain.client_runs import ClientRun
from jupyter_mlops.domain.experiments import Experiment
from jupyter_mlops.domain.metrics import Point, WireFloat, to_wire
from jupyter_mlops.domain.run_search import Stage

_SCHEME = "mlflow-artifacts:"
_GREATEST = 1.7976931348623157e308
# Tags that are columns of ours: kept in one place, shown in both.
NAME_TAG = "mlflow.runName"
NOTE_TAG = "mlflow.note.content"
STAGES: dict[str, Stage] = {"ACTIVE_ONLY": "active", "DELETED_ONLY": "deleted", "ALL": "all"}
_SOURCES = {"notebook": "NOTEBOOK", "interactive": "NOTEBOOK", "script": "LOCAL"}


class MetricEntity(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One value of a metric; ``timestamp`` in milliseconds."""

    key: str
    value: WireFloat
    timestamp: int
    step: int


class ExperimentEntity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An experiment; times in milliseconds."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    last_update_time: int
    creation_time: int
    tags: list[KeyValue] = []


class RunInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run is; ``run_uuid`` is the name of ``run_id`` for old clients."""

    run_uuid: str
    run_id: str
    run_name: str
    experiment_id: str
    user_id: str
    status: str
    start_time: int
    artifact_uri: str
    lifecycle_stage: str
    end_time: int | None = None


class RunData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was logged of a run: the latest value of each metric, parameters, tags."""

    metrics: list[Point | MetricEntity] = []
    params: list[KeyValue] = []
    tags: list[KeyValue] = []


class RunEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A run with all that its clients show."""

    info: RunInfo
    data: RunData
    inputs: RunInputs
    outputs: RunOutputs


def stage(deleted_at: int | None) -> str:
    """Return the name of a stage of life."""
    return "active" if deleted_at is None else "deleted"


def experiment(found: Experiment) -> ExperimentEntity:
    """Return an experiment as MLflow's clients know it."""
    tags = [KeyValue(key=tag.key, value=tag.value) for tag in found.tags]
    if found.description:
        tags.append(KeyValue(key=NOTE_TAG, value=found.description))
    return ExperimentEntity(
        experiment_id=str(found.experiment_id),
        name=found.name,
        artifact_location=f"{_SCHEME}/{found.experiment_id}",
        lifecycle_stage=stage(found.deleted_at),
        last_update_time=found.updated_at,
        creation_time=found.created_at,
        tags=tags,
    )


def run(found: ClientRun) -> RunEntity:
    """Return a run as MLflow's clients know it."""
    return RunEntity(
        info=RunInfo(
            run_uuid=found.run_id,
            run_id=found.run_id,
            run_name=found.name,
            experiment_id=str(found.experiment_id),
            user_id=found.user,
            status=found.status.value,
            start_time=found.started_at,
            end_time=found.ended_at,
            artifact_uri=artifact_uri(found),
            lifecycle_stage=stage(found.deleted_at),
        ),
        data=RunData(
            metrics=metrics(found.metrics),
            params=key_values(found.parameters.items()),
            tags=_tags(found),
        ),
        inputs=lineage_entities.inputs(found.lineage),
        outputs=lineage_entities.outputs(found.lineage),
    )


def artifact_uri(found: ClientRun) -> str:
    """Return where a client finds the files of a run."""
    return artifact_address(found.experiment_id, found.run_id)


def artifact_address(experiment_id: int, holder: str) -> str:
    """Return where a client finds the files of what an experiment holds."""
    return f"{_SCHEME}/{experiment_id}/{holder}/artifacts"


def metrics(points: Iterable[Point]) -> list[Point | MetricEntity]:
    """Return values of metrics; what is a number goes out as it is, with the same fields."""
    finite = math.isfinite
    return [
        each if finite(each.value) else metric(each.key, each.value, each.timestamp, each.step)
        for each in points
    ]


def metric(key: str, value: float, timestamp: int, step: int) -> MetricEntity:
    """Return one value of a metric; MLflow knows no infinity."""
    shown: WireFloat = value
    if not math.isfinite(value):
        shown = to_wire(value) if math.isnan(value) else math.copysign(_GREATEST, value)
    return MetricEntity(key=key, value=shown, timestamp=timestamp, step=step)


def _tags(found: ClientRun) -> list[KeyValue]:
    known = {NAME_TAG: found.name}
    if found.note:
        known[NOTE_TAG] = found.note
    if found.source_type in _SOURCES:
        known["mlflow.user"] = found.user
        known["mlflow.source.type"] = _SOURCES[found.source_type]
        if found.notebook is not None:
            known["mlflow.source.name"] = found.notebook
    known.update(found.tags)
    return [KeyValue(key=key, value=known[key]) for key in sorted(known)]
