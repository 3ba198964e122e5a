"""Data sets and models of runs in MLflow's words: what went in, what came out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import messages
from jupyter_mlops.api.mlflow.key_values import Pair, mapping
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.api.mlflow.runs import Chosen, run_id
from jupyter_mlops.domain import datasets
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.datasets import Dataset, DatasetInput, ModelOutput
from jupyter_mlops.domain.errors import NotFound

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

# The description of a table with many columns is long: half of what one data set may have.
INPUTS_MAX_BYTES = 8 << 20
_ID_MAX_CHARS = 250


class DatasetMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A data set; what is not said is empty."""

    name: str | None = None
    digest: str | None = None
    source_type: str | None = None
    source: str | None = None
    schema: str | None = None
    profile: str | None = None


class DatasetInputMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A data set that a run read, and what it says of it."""

    dataset: DatasetMessage | None = None
    tags: tuple[Pair, ...] | None = None


class ModelMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A model of a run; the step is that of the run at which it came out."""

    model_id: str | None = None
    step: int | float | str | None = None


class LogInputs(Chosen, frozen=True, kw_only=True):
    """What went into a run."""

    datasets: tuple[DatasetInputMessage, ...] = ()
    models: tuple[ModelMessage, ...] = ()


class LogOutputs(Chosen, frozen=True, kw_only=True):
    """What came out of a run."""

    models: tuple[ModelMessage, ...]


def _log_inputs(services: Services, actor: Actor, asked: LogInputs) -> None:
    inputs = [_input(each) for each in asked.datasets]
    models = [_model_id(each) for each in asked.models]
    chosen = run_id(asked)
    try:
        services.lineage.add_inputs(actor, chosen, inputs, models)
    except NotFound:
        raise NotFound(f"Run with id={chosen} not found") from None


def _log_outputs(services: Services, actor: Actor, asked: LogOutputs) -> None:
    outputs = [
        ModelOutput(_model_id(each), messages.whole(each.step, "step") or 0)
        for each in asked.models
    ]
    chosen = run_id(asked)
    try:
        services.lineage.add_outputs(actor, chosen, outputs)
    except NotFound:
        raise NotFound(f"Run with id={chosen} not found") from None


def _input(sent: DatasetInputMessage) -> DatasetInput:
    dataset = sent.dataset or DatasetMessage()
    return datasets.check_input(
        DatasetInput(
            Dataset(
                datasets.key(dataset.name or "", dataset.digest or ""),
                source_type=dataset.source_type or "",
                source=dataset.source or "",
                schema=dataset.schema,
                profile=dataset.profile,
            ),
            mapping(sent.tags or ()),
        )
    )


def _model_id(sent: ModelMessage) -> str:
    # It may be of another server; what is kept is what the client said.
    if not sent.model_id:
        raise messages.missing("model_id")
    if len(sent.model_id) > _ID_MAX_CHARS:
        raise messages.invalid("model_id", sent.model_id)
    return sent.model_id


_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:runs"}

ROUTES = (
    replace(
        tracking("POST", "runs/log-inputs", handler=_log_inputs, message=LogInputs, **_WRITE),
        body_max_bytes=INPUTS_MAX_BYTES,
    ),
    tracking("POST", "runs/outputs", handler=_log_outputs, message=LogOutputs, **_WRITE),
)
