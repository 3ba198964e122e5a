"""A logged model: a model with files of its own, as MLflow 3 keeps it beside the run that made it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from jupyter_mlops.domain.datasets import DatasetKey
from jupyter_mlops.domain.errors import InvalidName
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.names import has_hidden
from jupyter_mlops.domain.search_terms import AllOf, Order

LOGGED_MODEL_ID = re.compile(r"m-[0-9a-f]{32}")
NAME_MAX_CHARS = 500
TYPE_MAX_CHARS = 500
KEY_MAX_CHARS = 255
VALUE_MAX_CHARS = 100_000
# How much of each kind a model may carry, and how many values of metrics an answer holds at most:
# of one model, and of all on a page, which share them evenly.
MAXIMUM = {"params": 1_000, "tags": 1_000, "files": 10_000}
METRICS_OF_ONE = 10_000
METRICS_OF_PAGE = 100_000

_NOT_IN_NAME = ("/", ":", ".", "%", '"', "'")


class LoggedModelStatus(str, Enum):
    """How far a model is; what it is in the end is its client's word."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"


def may_become(status: LoggedModelStatus, wanted: LoggedModelStatus) -> bool:
    """Tell whether a model may go from one status to another: never back to waiting for files."""
    return wanted is not LoggedModelStatus.PENDING or status is wanted


@dataclass(frozen=True)
class ModelPoint:
    """One value of a metric that a run found out about a model, on a data set or none."""

    model_id: str
    point: Point
    dataset: DatasetKey | None = None


@dataclass(frozen=True)
class ModelMetric:
    """One value as it is kept, with the run that logged it."""

    run_id: str
    point: Point
    dataset: DatasetKey | None


@dataclass(frozen=True)
class NewLoggedModel:
    """A model that is about to get its files; without a name it gets one."""

    experiment_id: int
    name: str | None = None
    model_type: str | None = None
    source_run_id: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedModel:
    """A model with everything small about it; times in milliseconds, parameters and tags by key.

    ``metrics`` are the latest values to arrive, in order of arrival.
    """

    model_id: str
    experiment_id: int
    name: str
    model_type: str | None
    source_run_id: str | None
    status: LoggedModelStatus
    created_at: int
    updated_at: int
    deleted_at: int | None
    parameters: list[tuple[str, str]]
    tags: list[tuple[str, str]]
    metrics: list[ModelMetric]


@dataclass(frozen=True)
class DatasetChoice:
    """Which data sets the metrics of a search are about; None is any name, or any digest."""

    name: str | None
    digest: str | None = None


@dataclass(frozen=True)
class LoggedModelSearch:
    """What is looked for, ``start`` models behind the first."""

    experiment_ids: tuple[int, ...]
    condition: AllOf
    order: tuple[Order, ...]
    datasets: tuple[DatasetChoice, ...] = ()
    start: int = 0
    limit: int = 100


@dataclass(frozen=True)
class LoggedModelPage:
    """Models in the order asked for; ``more`` tells that others follow."""

    models: list[LoggedModel]
    more: bool


def new_model_id() -> str:
    """Return a fresh id: 128 random bits in MLflow's form."""
    return f"m-{secrets.token_hex(16)}"


def is_model_id(text: str) -> bool:
    """Tell whether ``text`` has the form of an id of a logged model."""
    return LOGGED_MODEL_ID.fullmatch(text) is not None


def check_name(name: str) -> str:
    """Return ``name`` if a logged model may have it, else raise InvalidName in MLflow's words."""
    if not name or any(char in name for char in _NOT_IN_NAME):
        raise InvalidName(
            f"Invalid model name ({name[:KEY_MAX_CHARS]!r}) provided. Model name must be a "
            "non-empty string and cannot contain the following characters: "
            f"{_NOT_IN_NAME}",
            field="name",
        )
    return _short(name, NAME_MAX_CHARS, "name")


def check_type(model_type: str) -> str:
    """Return ``model_type`` if it is one, else raise InvalidName."""
    return _short(model_type, TYPE_MAX_CHARS, "model_type")


def check_pairs(pairs: Mapping[str, str]) -> Mapping[str, str]:
    """Return parameters or tags if they can be kept, else raise InvalidName.

    Their keys are as free as MLflow's: libraries name parameters as they like.
    """
    for key, value in pairs.items():
        _short(key, KEY_MAX_CHARS, "key")
        if len(value) > VALUE_MAX_CHARS:
            raise InvalidName(f"A value has at most {VALUE_MAX_CHARS} characters.", field="value")
    return pairs


def _short(text: str, most: int, name: str) -> str:
    if len(text) > most or has_hidden(text):
        raise InvalidName(
            f"'{name}' has at most {most} characters, none of them a control or invisible.",
            field=name,
        )
    return text
