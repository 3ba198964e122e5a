"""What is carried: experiments, runs, logged models and registered models, as MLflow knows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What is logged to such a run later comes with the next transfer.
UNDER_WAY = frozenset({"RUNNING", "SCHEDULED"})
# Nor has such a logged model all of its files.
AWAITED = "LOGGED_MODEL_PENDING"


@dataclass(frozen=True)
class Experiment:
    """A named collection of runs; ``place`` is the folder or address that its reader knows it by."""

    experiment_id: str
    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False


@dataclass(frozen=True)
class Point:
    """One value of a metric; the time in milliseconds."""

    key: str
    value: float
    timestamp: int
    step: int


@dataclass(frozen=True)
class ModelPoint:
    """One value that a run found out about a logged model, maybe on a data set."""

    run_id: str
    model_id: str
    point: Point
    dataset_name: str = ""
    dataset_digest: str = ""


@dataclass(frozen=True)
class DatasetInput:
    """A data set that a run read, and what the run says of it."""

    name: str
    digest: str
    source_type: str
    source: str
    schema: str | None
    profile: str | None
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """A run without the history of its metrics and without its files; times in milliseconds."""

    run_id: str
    experiment_id: str
    name: str
    status: str
    started_at: int | None
    ended_at: int | None
    user: str
    artifact_uri: str
    deleted: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metric_keys: tuple[str, ...] = ()
    datasets: tuple[DatasetInput, ...] = ()
    input_models: tuple[str, ...] = ()
    output_models: tuple[tuple[str, int], ...] = ()

    @property
    def ident(self) -> str:
        """The id by which destination and report know it."""
        return self.run_id


@dataclass(frozen=True)
class LoggedModel:
    """A model with files of its own, as MLflow 3 keeps it beside the run that made it."""

    model_id: str
    experiment_id: str
    name: str
    model_type: str
    source_run_id: str
    status: str
    artifact_uri: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    points: tuple[ModelPoint, ...] = ()

    @property
    def ident(self) -> str:
        """The id by which destination and report know it."""
        return self.model_id


Holder = Run | LoggedModel


@dataclass(frozen=True)
class File:
    """A file of a run or logged model; the path is relative to its place, parts separated by /.

    Some servers do not tell the size.
    """

    path: str
    size: int | None


@dataclass(frozen=True)
class Version:
    """A version of a registered model; ``source`` says where its files are."""

    name: str
    number: int
    source: str
    run_id: str
    model_id: str
    run_link: str
    description: str
    stage: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class RegisteredModel:
    """A name with versions; ``aliases`` lead from a word to the number of a version."""

    name: str
    created_at: int
    description: str
    tags: Mapping[str, str]
    aliases: Mapping[str, int]
