"""Data sets that runs read, and the models that went into runs and came out of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jupyter_mlops.domain.errors import InvalidRequest, TooLarge

# By this tag a run says what it read a data set for.
CONTEXT_TAG = "mlflow.data.context"
NAME_MAX_CHARS = 500
DIGEST_MAX_CHARS = 36
SOURCE_MAX_CHARS = 65_535
SCHEMA_MAX_CHARS = 1_048_575
PROFILE_MAX_CHARS = 16_777_215
TAG_KEY_MAX_CHARS = 255
TAG_VALUE_MAX_CHARS = 500
TAGS_MAX = 1_000
# So many data sets, and so many models in each role, belong to one run.
OF_RUN_MAX = 1_000


@dataclass(frozen=True)
class DatasetKey:
    """What a data set is known by within its experiment; ``digest`` is the client's own."""

    name: str
    digest: str


@dataclass(frozen=True)
class Dataset:
    """A data set as the client describes it: texts that are kept and never opened."""

    key: DatasetKey
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


@dataclass(frozen=True)
class DatasetInput:
    """A data set that a run read, with what the run says of it, such as its context."""

    dataset: Dataset
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelOutput:
    """A logged model that came out of a run, at one of its steps."""

    model_id: str
    step: int


@dataclass(frozen=True)
class Lineage:
    """What went into a run and what came out, each in the order of its first mention."""

    datasets: tuple[DatasetInput, ...] = ()
    input_models: tuple[str, ...] = ()
    outputs: tuple[ModelOutput, ...] = ()


def key(name: str, digest: str) -> DatasetKey:
    """Return what a data set is known by; InvalidRequest, in MLflow's words, for what is too long."""
    _check_length(name, NAME_MAX_CHARS, "name")
    _check_length(digest, DIGEST_MAX_CHARS, "digest")
    return DatasetKey(name, digest)


def check_input(item: DatasetInput) -> DatasetInput:
    """Return ``item`` if it can be kept; InvalidRequest, in MLflow's words, for what is too long."""
    dataset = item.dataset
    key(dataset.key.name, dataset.key.digest)
    _check_length(dataset.source_type, NAME_MAX_CHARS, "source_type")
    _check_length(dataset.source, SOURCE_MAX_CHARS, "source")
    _check_length(dataset.schema or "", SCHEMA_MAX_CHARS, "schema")
    _check_length(dataset.profile or "", PROFILE_MAX_CHARS, "profile")
    if len(item.tags) > TAGS_MAX:
        raise TooLarge(f"A data set carries at most {TAGS_MAX} tags.", field="tags")
    for name, value in item.tags.items():
        _check_length(name, TAG_KEY_MAX_CHARS, "key")
        _check_length(value, TAG_VALUE_MAX_CHARS, "value")
    return item


def _check_length(text: str, most: int, name: str) -> None:
    if len(text) > most:
        raise InvalidRequest(
            f"'{name}' exceeds the maximum length of {most} characters", field=name
        )
