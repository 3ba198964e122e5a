"""Registered models in MLflow's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import messages, model_entities, page_tokens
from jupyter_mlops.api.mlflow.errors import AlreadyExists
from jupyter_mlops.api.mlflow.key_values import KeyValue
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.model_entities import ModelVersionEntity, RegisteredModelEntity
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.model_search import model_search
from jupyter_mlops.domain.model_versions import stage
from jupyter_mlops.domain.registered_models import NewRegisteredModel
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import REGISTERED_MODELS
from jupyter_mlops.domain.search_order import parse_order

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

RESULTS_MAX = 1_000


class Create(Message, frozen=True, kw_only=True):
    """A new name for models."""

    name: str
    description: str = ""
    tags: tuple[KeyValue, ...] = ()


class Chosen(Message, frozen=True, kw_only=True):
    """The registered model of a name."""

    name: str


class Update(Chosen, frozen=True, kw_only=True):
    """A new description; without one it is empty, as in MLflow."""

    description: str = ""


class Rename(Chosen, frozen=True, kw_only=True):
    """A new name."""

    new_name: str


class SetTag(Chosen, frozen=True, kw_only=True):
    """A tag of a registered model."""

    key: str
    value: str = ""


class DeleteTag(Chosen, frozen=True, kw_only=True):
    """The key of a tag of a registered model."""

    key: str


class GetLatest(Chosen, frozen=True, kw_only=True):
    """Stages of which the newest version is wanted; none for all of them."""

    stages: tuple[str, ...] = ()


class Search(Message, frozen=True, kw_only=True):
    """What is looked for."""

    filter: str = ""
    max_results: int = 100
    order_by: tuple[str, ...] = ()
    page_token: str = ""


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One registered model."""

    registered_model: RegisteredModelEntity


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of registered models; no token means that it is the last."""

    registered_models: list[RegisteredModelEntity] = []
    next_page_token: str = ""


class Latest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The newest version of each stage."""

    model_versions: list[ModelVersionEntity] = []


@contextmanager
def known(name: str) -> Iterator[str]:
    """Give a name, checked; say in MLflow's words when there is no registered model of it."""
    try:
        yield names.model_name(name)
    except NotFound:
        raise NotFound(f"Registered Model with name={name} not found") from None


@contextmanager
def _free(name: str) -> Iterator[None]:
    try:
        yield
    except Conflict:
        raise AlreadyExists(f"Registered Model (name={name}) already exists.") from None


def _create(services: Services, actor: Actor, asked: Create) -> One:
    tags = {tag.key: tag.value for tag in asked.tags}
    with _free(asked.name):
        made = services.registered_models.create(
            actor, NewRegisteredModel(name=asked.name, description=asked.description, tags=tags)
        )
    return One(registered_model=model_entities.registered_model(made))


def _get(services: Services, actor: Actor, asked: Chosen) -> One:
    with known(asked.name) as name:
        found = services.registered_models.get(actor, name)
    return One(registered_model=model_entities.registered_model(found))


def _update(services: Services, actor: Actor, asked: Update) -> One:
    with known(asked.name) as name:
        changed = services.registered_models.describe(actor, name, asked.description)
    return One(registered_model=model_entities.registered_model(changed))


def _rename(services: Services, actor: Actor, asked: Rename) -> One:
    with known(asked.name) as name, _free(asked.new_name):
        changed = services.registered_models.rename(actor, name, asked.new_name)
    return One(registered_model=model_entities.registered_model(changed))


def _delete(services: Services, actor: Actor, asked: Chosen) -> None:
    with known(asked.name) as name:
        services.registered_models.trash(actor, name)


def _set_tag(services: Services, actor: Actor, asked: SetTag) -> None:
    with known(asked.name) as name:
        services.registered_models.set_tag(actor, name, asked.key, asked.value)


def _delete_tag(services: Services, actor: Actor, asked: DeleteTag) -> None:
    with known(asked.name) as name:
        services.registered_models.remove_tag(actor, name, asked.key)


def _get_latest(services: Services, actor: Actor, asked: GetLatest) -> Latest:
    wanted = set(map(stage, asked.stages))
    with known(asked.name) as name:
        found = services.registered_models.get(actor, name).latest_versions
    return Latest(
        model_versions=[
            model_entities.model_version(each)
            for each in found
            if not wanted or each.stage in wanted
        ]
    )


def _search(services: Services, actor: Actor, asked: Search) -> Found:
    if not 0 <= asked.max_results <= RESULTS_MAX:
        raise messages.invalid("max_results", asked.max_results)
    start = page_tokens.offset(asked.page_token)
    found = services.registered_models.search(
        actor,
        model_search(
            parse_filter(asked.filter, REGISTERED_MODELS),
            parse_order(asked.order_by, REGISTERED_MODELS),
            start,
            asked.max_results,
        ),
    )
    return Found(
        registered_models=list(map(model_entities.registered_model, found.models)),
        next_page_token=page_tokens.after(start + asked.max_results) if found.more else "",
    )


_READ: dict[str, Any] = {"action": "read", "resource": "mlops:models"}
_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:models"}
_NOUN = "registered-models"

ROUTES = (
    tracking("POST", f"{_NOUN}/create", handler=_create, message=Create, **_WRITE),
    tracking("GET", f"{_NOUN}/get", handler=_get, message=Chosen, **_READ),
    tracking("GET", f"{_NOUN}/search", handler=_search, message=Search, **_READ),
    tracking("PATCH", f"{_NOUN}/update", handler=_update, message=Update, **_WRITE),
    tracking("POST", f"{_NOUN}/rename", handler=_rename, message=Rename, **_WRITE),
    tracking("DELETE", f"{_NOUN}/delete", handler=_delete, message=Chosen, **_WRITE),
    tracking("POST", f"{_NOUN}/set-tag", handler=_set_tag, message=SetTag, **_WRITE),
    tracking("DELETE", f"{_NOUN}/delete-tag", handler=_delete_tag, message=DeleteTag, **_WRITE),
    # Old clients ask by GET, newer ones by POST, and neither changes anything.
    *(
        tracking(
            method,
            f"{_NOUN}/get-latest-versions",
            handler=_get_latest,
            message=GetLatest,
            **_READ,
        )
        for method in ("GET", "POST")
    ),
)
