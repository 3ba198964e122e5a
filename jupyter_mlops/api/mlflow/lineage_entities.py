"""What MLflow's clients read of the data sets and models that went into a run or came out."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.mlflow.key_values import KeyValue, key_values
from jupyter_mlops.domain.datasets import DatasetInput, Lineage


class DatasetEntity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A data set as its client described it."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


class DatasetInputEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A data set, and what the run says of it."""

    tags: list[KeyValue]
    dataset: DatasetEntity


class ModelInputEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A model that a run used."""

    model_id: str


class ModelOutputEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A model that came out of a run."""

    model_id: str
    step: int


class RunInputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The data sets and models that went into a run."""

    dataset_inputs: list[DatasetInputEntity] = []
    model_inputs: list[ModelInputEntity] = []


class RunOutputs(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The models that came out of a run."""

    model_outputs: list[ModelOutputEntity] = []


# Nearly every run has none.
_NO_INPUTS, _NO_OUTPUTS = RunInputs(), RunOutputs()


def inputs(lineage: Lineage) -> RunInputs:
    """Return what went into a run."""
    if not lineage.datasets and not lineage.input_models:
        return _NO_INPUTS
    return RunInputs(
        dataset_inputs=[_dataset(each) for each in lineage.datasets],
        model_inputs=[ModelInputEntity(model_id=each) for each in lineage.input_models],
    )


def outputs(lineage: Lineage) -> RunOutputs:
    """Return what came out of a run."""
    if not lineage.outputs:
        return _NO_OUTPUTS
    return RunOutputs(
        model_outputs=[
            ModelOutputEntity(model_id=each.model_id, step=each.step) for each in lineage.outputs
        ]
    )


def _dataset(item: DatasetInput) -> DatasetInputEntity:
    found = item.dataset
    return DatasetInputEntity(
        tags=key_values(item.tags.items()),
        dataset=DatasetEntity(
            name=found.key.name,
            digest=found.key.digest,
            source_type=found.source_type,
            source=found.source,
            schema=found.schema,
            profile=found.profile,
        ),
    )
