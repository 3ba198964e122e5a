"""Experiments in MLflow's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import entities, messages, page_tokens
from jupyter_mlops.api.mlflow.entities import NOTE_TAG, STAGES, ExperimentEntity
from jupyter_mlops.api.mlflow.errors import AlreadyExists
from jupyter_mlops.api.mlflow.key_values import KeyValue
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiment_search import ExperimentSearch
from jupyter_mlops.domain.experiments import NewExperiment
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import EXPERIMENTS
from jupyter_mlops.domain.search_order import parse_order

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

SEARCH_MAX = 50_000
SEARCH_DEFAULT = 1_000


class Create(Message, frozen=True, kw_only=True):
    """A new experiment; where its files go is not for a client to say."""

    name: str
    artifact_location: str | None = None
    tags: tuple[KeyValue, ...] = ()


class Named(Message, frozen=True, kw_only=True):
    """The experiment of a name."""

    experiment_name: str


class Chosen(Message, frozen=True, kw_only=True):
    """The experiment of an id."""

    experiment_id: str


class Update(Message, frozen=True, kw_only=True):
    """A new name for an experiment."""

    experiment_id: str
    new_name: str


class SetTag(Message, frozen=True, kw_only=True):
    """A tag of an experiment."""

    experiment_id: str
    key: str
    value: str = ""


class DeleteTag(Message, frozen=True, kw_only=True):
    """The key of a tag of an experiment."""

    experiment_id: str
    key: str


class Search(Message, frozen=True, kw_only=True):
    """What is looked for, by pages."""

    max_results: int = SEARCH_DEFAULT
    filter: str = ""
    order_by: tuple[str, ...] = ()
    page_token: str = ""
    view_type: str = "ACTIVE_ONLY"


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of experiments; no token means that it is the last."""

    experiments: list[ExperimentEntity] = []
    next_page_token: str = ""


class Created(msgspec.Struct, frozen=True, kw_only=True):
    """The id of a new experiment."""

    experiment_id: str


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment."""

    experiment: ExperimentEntity


def experiment_id(text: str) -> int:
    """Return the number that a client sent as text; what is none names no experiment."""
    if not text.isdecimal() or len(text) > 18:
        raise messages.invalid("experiment_id", text)
    return int(text)


def _create(services: Services, actor: Actor, asked: Create) -> Created:
    if asked.artifact_location:
        raise messages.invalid("artifact_location", asked.artifact_location)
    tags = {tag.key: tag.value for tag in asked.tags}
    new = NewExperiment(name=asked.name, description=tags.pop(NOTE_TAG, ""))
    try:
        made = services.experiments.create(actor, new, None, tags)
    except Conflict:
        raise AlreadyExists(f"Experiment '{asked.name}' already exists.") from None
    return Created(experiment_id=str(made.experiment_id))


def _get(services: Services, actor: Actor, asked: Chosen) -> One:
    number = experiment_id(asked.experiment_id)
    try:
        found = services.experiments.get(actor, number)
    except NotFound:
        raise NotFound(f"No Experiment with id={number} exists") from None
    return One(experiment=entities.experiment(found))


def _get_by_name(services: Services, actor: Actor, asked: Named) -> One:
    try:
        found = services.experiments.by_name(actor, asked.experiment_name)
    except NotFound:
        raise NotFound(f"Could not find experiment with name '{asked.experiment_name}'") from None
    return One(experiment=entities.experiment(found))


def _search(services: Services, actor: Actor, asked: Search) -> Found:
    if not 1 <= asked.max_results <= SEARCH_MAX:
        raise messages.invalid("max_results", asked.max_results)
    start = page_tokens.offset(asked.page_token)
    found, more = services.experiments.search(
        actor,
        ExperimentSearch(
            condition=parse_filter(asked.filter, EXPERIMENTS),
            order=parse_order(asked.order_by, EXPERIMENTS),
            stage=STAGES.get(asked.view_type, "active"),
            limit=asked.max_results,
            start=start,
        ),
    )
    token = page_tokens.after(start + asked.max_results) if more else ""
    return Found(experiments=[entities.experiment(each) for each in found], next_page_token=token)


def _update(services: Services, actor: Actor, asked: Update) -> None:
    try:
        services.experiments.rename(actor, experiment_id(asked.experiment_id), asked.new_name)
    except Conflict as error:
        raise AlreadyExists(error.message) from None


def _delete(services: Services, actor: Actor, asked: Chosen) -> None:
    services.experiments.trash(actor, experiment_id(asked.experiment_id))


def _restore(services: Services, actor: Actor, asked: Chosen) -> None:
    services.experiments.restore(actor, experiment_id(asked.experiment_id))


def _set_tag(services: Services, actor: Actor, asked: SetTag) -> None:
    number = experiment_id(asked.experiment_id)
    if asked.key == NOTE_TAG:
        services.experiments.describe(actor, number, asked.value)
    else:
        services.experiments.set_tag(actor, number, asked.key, asked.value)


def _delete_tag(services: Services, actor: Actor, asked: DeleteTag) -> None:
    number = experiment_id(asked.experiment_id)
    if asked.key == NOTE_TAG:
        services.experiments.describe(actor, number, "")
    else:
        services.experiments.remove_tag(actor, number, asked.key)


_READ: dict[str, Any] = {"action": "read", "resource": "mlops:experiments"}
_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:experiments"}

ROUTES = (
    tracking("POST", "experiments/create", handler=_create, message=Create, **_WRITE),
    tracking("GET", "experiments/get", handler=_get, message=Chosen, **_READ),
    tracking("GET", "experiments/get-by-name", handler=_get_by_name, message=Named, **_READ),
    tracking("POST", "experiments/search", handler=_search, message=Search, **_READ),
    tracking("GET", "experiments/search", handler=_search, message=Search, **_READ),
    tracking("POST", "experiments/update", handler=_update, message=Update, **_WRITE),
    tracking("POST", "experiments/delete", handler=_delete, message=Chosen, **_WRITE),
    tracking("POST", "experiments/restore", handler=_restore, message=Chosen, **_WRITE),
    tracking("POST", "experiments/set-experiment-tag", handler=_set_tag, message=SetTag, **_WRITE),
    tracking(
        "POST",
        "experiments/delete-experiment-tag",
        handler=_delete_tag,
        message=DeleteTag,
        **_WRITE,
    ),
)
