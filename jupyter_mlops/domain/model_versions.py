"""A model version: an immutable, numbered model of a registered model, and what made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.file_places import Place
from jupyter_mlops.domain.model_sources import ModelSource
from jupyter_mlops.domain.runs import Tag

RUN_LINK_MAX_CHARS = 500
# Words of old clients of MLflow; nothing here depends on them.
NO_STAGE = "None"
STAGES = (NO_STAGE, "Staging", "Production", "Archived")
ARCHIVED = "Archived"
# Only from these may a transition push the others out.
EXCLUSIVE_STAGES = ("Staging", "Production")


@dataclass(frozen=True)
class NewModelVersion:
    """A request to register a model; ``address`` is the source as the client wrote it.

    ``run_id`` and ``model_id`` are what the client says that made it, "" for nothing.
    """

    name: str
    source: ModelSource
    address: str
    run_id: str = ""
    model_id: str = ""
    description: str = ""
    run_link: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """One version. ``run_id`` and ``model_id`` are the run and logged model that made it."""

    registered_model_id: int
    name: str
    version: int
    description: str
    user: str
    created_at: int
    updated_at: int
    stage: str
    source: str
    place: Place
    run_id: str | None
    model_id: str | None
    run_link: str
    tags: list[Tag]
    aliases: list[str]


@dataclass(frozen=True)
class ModelFiles:
    """Where the files of a version are; the experiment is part of the address of a place."""

    experiment_id: int
    place: Place


def stage(text: str) -> str:
    """Return a stage in its own spelling, whatever the case of ``text``; InvalidRequest for none."""
    for known in STAGES:
        if known.lower() == text.lower():
            return known
    raise InvalidRequest(
        f"Invalid Model Version stage. Value must be one of {', '.join(STAGES)}.", field="stage"
    )
