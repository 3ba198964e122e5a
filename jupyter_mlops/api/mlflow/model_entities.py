"""What MLflow's clients read: registered models and model versions in the words of their protocol."""

from __future__ import annotations

import msgspec

from jupyter_mlops.api.mlflow.key_values import KeyValue
from jupyter_mlops.domain.file_places import InRun
from jupyter_mlops.domain.model_versions import ModelFiles, ModelVersion
from jupyter_mlops.domain.registered_models import RegisteredModel
from jupyter_mlops.domain.runs import Tag


class ModelVersionEntity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A version; times in milliseconds. All are ready at once: nothing is copied."""

    name: str
    version: str
    creation_timestamp: int
    last_updated_timestamp: int
    user_id: str
    current_stage: str
    source: str
    # Clients take a missing description for none, which is not an empty one to them.
    description: str
    run_id: str = ""
    status: str
    run_link: str = ""
    tags: list[KeyValue] = []
    aliases: list[str] = []
    model_id: str = ""


class AliasEntity(msgspec.Struct, frozen=True, kw_only=True):
    """An alias, and the version that it is on."""

    alias: str
    version: str


class RegisteredModelEntity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A registered model; times in milliseconds."""

    name: str
    creation_timestamp: int
    last_updated_timestamp: int
    user_id: str
    description: str = ""
    latest_versions: list[ModelVersionEntity] = []
    tags: list[KeyValue] = []
    aliases: list[AliasEntity] = []


def registered_model(found: RegisteredModel) -> RegisteredModelEntity:
    """Return a registered model as MLflow's clients know it."""
    return RegisteredModelEntity(
        name=found.name,
        creation_timestamp=found.created_at,
        last_updated_timestamp=found.updated_at,
        user_id=found.user,
        description=found.description,
        latest_versions=list(map(model_version, found.latest_versions)),
        tags=_tags(found.tags),
        aliases=[
            AliasEntity(alias=item.alias, version=str(item.version)) for item in found.aliases
        ],
    )


def model_version(found: ModelVersion) -> ModelVersionEntity:
    """Return a model version as MLflow's clients know it."""
    return ModelVersionEntity(
        name=found.name,
        version=str(found.version),
        creation_timestamp=found.created_at,
        last_updated_timestamp=found.updated_at,
        user_id=found.user,
        current_stage=found.stage,
        source=found.source,
        description=found.description,
        run_id=found.run_id or "",
        status="READY",
        run_link=found.run_link,
        tags=_tags(found.tags),
        aliases=found.aliases,
        model_id=found.model_id or "",
    )


def files_uri(found: ModelFiles) -> str:
    """Return where a client finds the files of a version."""
    place = found.place
    holder = place.run_id if isinstance(place, InRun) else f"models/{place.model_id}"
    below = f"/{place.path}" if place.path else ""
    return f"mlflow-artifacts:/{found.experiment_id}/{holder}/artifacts{below}"


def _tags(tags: list[Tag]) -> list[KeyValue]:
    return [KeyValue(key=tag.key, value=tag.value) for tag in tags]
