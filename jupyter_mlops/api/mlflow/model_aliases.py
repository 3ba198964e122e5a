"""Aliases of registered models in MLflow's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_mlops.api.mlflow import model_entities
from jupyter_mlops.api.mlflow.model_versions import Chosen as ChosenVersion
from jupyter_mlops.api.mlflow.model_versions import One, known_version
from jupyter_mlops.api.mlflow.registered_models import Chosen, known
from jupyter_mlops.api.mlflow.routing import tracking
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, NotFound

if TYPE_CHECKING:
    from jupyter_mlops.services import Services


class Set(ChosenVersion, frozen=True, kw_only=True):
    """An alias, and the version that it goes to."""

    alias: str


class Named(Chosen, frozen=True, kw_only=True):
    """An alias of a registered model."""

    alias: str


def _set(services: Services, actor: Actor, asked: Set) -> None:
    with known_version(asked) as (name, number):
        services.model_aliases.move(actor, name, asked.alias, number)


def _get(services: Services, actor: Actor, asked: Named) -> One:
    with known(asked.name) as name:
        found = services.model_aliases.follow(actor, name, asked.alias)
    if found is None and asked.alias.lower() == names.LATEST:
        raise NotFound(f"Latest version not found for model {asked.name}.")
    if found is None:
        # Of all that may be missing, this alone is a 400 in MLflow.
        raise InvalidRequest(f"Registered model alias {asked.alias} not found.", field="alias")
    return One(model_version=model_entities.model_version(found))


def _delete(services: Services, actor: Actor, asked: Named) -> None:
    with known(asked.name) as name:
        services.model_aliases.remove(actor, name, asked.alias)


_READ: dict[str, Any] = {"action": "read", "resource": "mlops:models"}
_WRITE: dict[str, Any] = {"action": "write", "resource": "mlops:models"}
_NOUN = "registered-models/alias"

ROUTES = (
    tracking("POST", _NOUN, handler=_set, message=Set, **_WRITE),
    tracking("GET", _NOUN, handler=_get, message=Named, **_READ),
    tracking("DELETE", _NOUN, handler=_delete, message=Named, **_WRITE),
)
