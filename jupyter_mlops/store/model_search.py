"""Finding registered models and model versions by what MLflow's clients may name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, exists, select

from jupyter_mlops.domain.model_search import (
    PROMPT_TAG,
    ModelSearch,
    ModelVersionPage,
    RegisteredModelPage,
)
from jupyter_mlops.domain.names import canonical
from jupyter_mlops.domain.search_terms import Comparison
from jupyter_mlops.store import model_versions as versions
from jupyter_mlops.store import registered_models as models
from jupyter_mlops.store.comparisons import compared
from jupyter_mlops.store.tables import (
    model_version_tags,
    model_versions,
    registered_model_tags,
    registered_models,
)


@dataclass(frozen=True)
class _Noun:
    """What is searched: attributes, tags with the condition of being its own, number of the model."""

    attributes: Mapping[str, Column[Any]]
    tags: Table
    own: ColumnElement[bool]
    model: Column[int]


_MODELS = _Noun(
    attributes={
        "name": registered_models.c.name,
        "last_updated_timestamp": registered_models.c.updated_at,
    },
    tags=registered_model_tags,
    own=registered_model_tags.c.model == registered_models.c.id,
    model=registered_models.c.id,
)
_VERSIONS = _Noun(
    attributes={
        "name": registered_models.c.name,
        "version_number": model_versions.c.number,
        "run_id": model_versions.c.run_id,
        "source_path": model_versions.c.source,
        "creation_timestamp": model_versions.c.created_at,
        "last_updated_timestamp": model_versions.c.updated_at,
    },
    tags=model_version_tags,
    own=model_version_tags.c.version == model_versions.c.id,
    model=model_versions.c.model,
)


def registered_model_page(connection: Connection, search: ModelSearch) -> RegisteredModelPage:
    """Return one page of the registered models that match."""
    statement = select(registered_models.c.id).where(models.LIVING)
    ids = _ids(connection, statement, search, _MODELS)
    return RegisteredModelPage(
        models=models.load(connection, ids[: search.limit]), more=len(ids) > search.limit
    )


def model_version_page(connection: Connection, search: ModelSearch) -> ModelVersionPage:
    """Return one page of the versions that match."""
    statement = (
        select(model_versions.c.id)
        .join_from(
            model_versions, registered_models, registered_models.c.id == model_versions.c.model
        )
        .where(versions.LIVING)
    )
    ids = _ids(connection, statement, search, _VERSIONS)
    return ModelVersionPage(
        versions=versions.load(connection, ids[: search.limit]), more=len(ids) > search.limit
    )


def _ids(
    connection: Connection, statement: Select[Any], search: ModelSearch, noun: _Noun
) -> Sequence[int]:
    """Return the ids of a page and of one more."""
    for term in search.comparisons:
        statement = statement.where(_met(connection, term, noun))
    if not search.prompts:
        prompt = exists().where(
            noun.own, noun.tags.c.key == PROMPT_TAG, noun.tags.c.value == "true"
        )
        statement = statement.where(~prompt)
    for order in search.order:
        column = noun.attributes[order.key]
        statement = statement.order_by(column.desc() if order.descending else column)
    page = statement.offset(search.start).limit(search.limit + 1)
    return connection.scalars(page).all()


def _met(connection: Connection, term: Comparison, noun: _Noun) -> ColumnElement[bool]:
    if term.entity == "tag":
        value = compared(connection.dialect.name, noun.tags.c.value, term)
        return exists().where(noun.own, noun.tags.c.key == term.key, value)
    met = compared(connection.dialect.name, noun.attributes[term.key], term)
    if term.key == "name" and term.operator == "=":
        # Says nothing new, but leads to an index instead of along the order.
        other = registered_models.alias()
        called = other.c.canonical_name == canonical(str(term.value))
        named = select(other.c.id).where(called, other.c.deleted_at.is_(None)).scalar_subquery()
        met &= noun.model == named
    return met
