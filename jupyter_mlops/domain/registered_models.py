"""A registered model: a name for versions of one model, and the aliases that move over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from jupyter_mlops.domain.model_versions import ModelVersion
from jupyter_mlops.domain.runs import Tag

# Of models and of versions; a description may be a whole model card.
DESCRIPTION_MAX_CHARS = 100_000
TAG_MAX_CHARS = 100_000
TAGS_MAX = 1_000


@dataclass(frozen=True)
class NewRegisteredModel:
    """A request to register a name; it is unique regardless of case."""

    name: str
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A movable name and the version that it is on."""

    alias: str
    version: int


class RegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """One registered model, with the newest version of each stage."""

    registered_model_id: int
    name: str
    description: str
    user: str
    created_at: int
    updated_at: int
    tags: list[Tag]
    aliases: list[Alias]
    latest_versions: list[ModelVersion]
