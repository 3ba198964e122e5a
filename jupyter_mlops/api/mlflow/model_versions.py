"""Model versions in MLflow's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import messages, model_entities, page_tokens
from jupyter_mlops.api.mlflow.errors import NotImplementedHere
from jupyter_mlops.api.mlflow.key_values import KeyValue
from jupyter_mlops.api.mlflow.messages import Message
from jupyter_mlops.api.mlflow.model_entities import ModelVersionEntity
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.model_search import PROMPT_TAG, model_search
from jupyter_mlops.domain.model_sources import model_source
from jupyter_mlops.domain.model_versions import NewModelVersion, stage
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import MODEL_VERSIONS
from jupyter_mlops.domain.search_order import parse_order

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

RESULTS_MAX = 200_000
DEFAULT_ORDER = ("last_updated_timestamp DESC",)


class Create(Message, frozen=True, kw_only=True):
    """A new version, and what it is made of."""

    name: str
    source: str
    run_id: str = ""
    tags: tuple[KeyValue, ...] = ()
    run_link: str = ""
    description: str = ""
    model_id: str = ""


class Chosen(Message, frozen=True, kw_only=True):
    """A version of a registered model."""

    name: str
    version: str


class Update(Chosen, frozen=True, kw_only=True):
    """A new description; without one it is empty, as in MLflow."""

    description: str = ""


class Transition(Chosen, frozen=True, kw_only=True):
    """The stage that a version goes to."""

    stage: str
    archive_existing_versions: bool = False


class SetTag(Chosen, frozen=True, kw_only=True):
    """A tag of a version."""

    key: str
    value: str = ""


class DeleteTag(Chosen, frozen=True, kw_only=True):
    """The key of a tag of a version."""

    key: str


class Search(Message, frozen=True, kw_only=True):
    """What is looked for."""

    filter: str = ""
    max_results: int = 10_000
    order_by: tuple[str, ...] = ()
    page_token: str = ""


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One version."""

    model_version: ModelVersionEntity


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of versions; no token means that it is the last."""

    model_versions: list[ModelVersionEntity] = []
    next_page_token: str = ""


class DownloadUri(msgspec.Struct, frozen=True, kw_only=True):
    """Where the files of a version are."""

    artifact_uri: str


@contextmanager
def known_version(asked: Chosen) -> Iterator[tuple[str, int]]:
    """Give name and number, checked; say in MLflow's words when there is no such version."""
    number = messages.whole(asked.version, "version")
    try:
        yield names.model_name(asked.name), number or 0
    except NotFound:
        raise NotFound(
            f"Model Version (name={asked.name}, version={asked.version}) not found"
        ) from None


def _create(services: Services, actor: Actor, asked: Create) -> One:
    tags = {tag.key: tag.value for tag in asked.tags}
    if tags.get(PROMPT_TAG, "").lower() == "true":
        # The text of a prompt is in its tags; no run made it.
        raise NotImplementedHere("This server does not keep versions of prompts.")
    new = NewModelVersion(
        name=names.model_name(asked.name),
        source=model_source(asked.source),
        address=asked.source,
        run_id=asked.run_id,
        model_id=asked.model_id,
        description=asked.description,
        run_link=asked.run_link,
        tags=tags,
    )
    try:
        made = services.model_versions.create(actor, new)
    except NotFound as error:
        if error.field == "name":
            raise NotFound(f"Registered Model with name={asked.name} not found") from None
        raise
    return One(model_version=model_entities.model_version(made))


def _get(services: Services, actor: Actor, asked: Chosen) -> One:
    with known_version(asked) as (name, number):
        found = services.model_versions.get(actor, name, number)
    return One(model_version=model_entities.model_version(found))


def _get_download_uri(services: Services, actor: Actor, asked: Chosen) -> DownloadUri:
    with known_version(asked) as (name, number):
        found = services.model_versions.files(actor, name, number)
    return DownloadUri(artifact_uri=model_entities.files_uri(found))


def _update(services: Services, actor: Actor, asked: Update) -> One:
    with known_version(asked) as (name, number):
        changed = services.model_versions.describe(actor, name, number, asked.description)
    return One(model_version=model_entities.model_version(changed))


def _transition(services: Services, actor: Actor, asked: Transition) -> One:
    to = stage(asked.stage)
    with known_version(asked) as (name, number):
        changed = services.model_versions.set_stage(
            actor, name, number, to, archive_others=asked.archive_existing_versions
        )
    return One(model_version=model_entities.model_version(changed))


def _delete(services: Services, actor: Actor, asked: Chosen) -> None:
    with known_version(asked) as (name, number):
        services.model_versions.trash(actor, name, number)


def _set_tag(services: Services, actor: Actor, asked: SetTag) -> None:
    with known_version(asked) as (name, number):
        services.model_versions.set_tag(actor, name, number, asked.key, asked.value)


def _delete_tag(services: Services, actor: Actor, asked: DeleteTag) -> None:
    with known_version(asked) as (name, number):
        services.model_versions.remove_tag(actor, name, number, asked.key)


def _search(services: Services, actor: Actor, asked: Search) -> Found:
    if asked.max_results > RESULTS_MAX:
        raise messages.invalid("max_results", asked.max_results)
    if asked.max_results < 1:
        raise InvalidRequest(
            "Invalid value for max_results. It must be a positive integer.", field="max_results"
        )
    start = page_tokens.offset(asked.page_token)
    found = services.model_versions.search(
        actor,
        model_search(
            parse_filter(asked.filter, MODEL_VERSIONS),
            parse_order(asked.order_by or DEFAULT_ORDER, MODEL_VERSIONS),
            start,
            asked.max_results,
        ),
    )
    return Found(
        model_versions=list(map(model_entities.model_version, found.versions)),
        next_page_token=page_tokens.after(start + asked.max_results) if found.more else "",
    )


_READ: dict[str, Any] = {"action": "read", "resource": "mlops:models"}
_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:models"}
_NOUN = "model-versions"

ROUTES = (
    # A version shows what its run made: nobody registers what they may not see.
    tracking(
        "POST",
        f"{_NOUN}/create",
        handler=_create,
        message=Create,
        also=(("read", "mlops:runs"),),
        **_WRITE,
    ),
    tracking("GET", f"{_NOUN}/get", handler=_get, message=Chosen, **_READ),
    tracking("GET", f"{_NOUN}/search", handler=_search, message=Search, **_READ),
    tracking("PATCH", f"{_NOUN}/update", handler=_update, message=Update, **_WRITE),
    tracking("DELETE", f"{_NOUN}/delete", handler=_delete, message=Chosen, **_WRITE),
    tracking("POST", f"{_NOUN}/set-tag", handler=_set_tag, message=SetTag, **_WRITE),
    tracking("DELETE", f"{_NOUN}/delete-tag", handler=_delete_tag, message=DeleteTag, **_WRITE),
    tracking(
        "POST", f"{_NOUN}/transition-stage", handler=_transition, message=Transition, **_WRITE
    ),
    tracking(
        "GET", f"{_NOUN}/get-download-uri", handler=_get_download_uri, message=Chosen, **_READ
    ),
)
