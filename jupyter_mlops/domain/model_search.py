"""Searches for registered models and for model versions, and the pages that they find."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.model_versions import ModelVersion
from jupyter_mlops.domain.registered_models import RegisteredModel
from jupyter_mlops.domain.search_terms import AllOf, Comparison, Condition, Order

# MLflow keeps prompts as registered models with this tag.
PROMPT_TAG = "mlflow.prompt.is_prompt"


@dataclass(frozen=True)
class ModelSearch:
    """What is looked for: all ``comparisons`` are to hold; ``start`` counts those to skip.

    Prompts are hidden unless asked for.
    """

    comparisons: tuple[Comparison, ...]
    order: tuple[Order, ...]
    start: int
    limit: int
    prompts: bool = False


@dataclass(frozen=True)
class RegisteredModelPage:
    """Registered models in the order asked for; ``more`` when there are further ones."""

    models: list[RegisteredModel]
    more: bool


@dataclass(frozen=True)
class ModelVersionPage:
    """Versions in the order asked for; ``more`` when there are further ones."""

    versions: list[ModelVersion]
    more: bool


def model_search(condition: AllOf, order: tuple[Order, ...], start: int, limit: int) -> ModelSearch:
    """Return a search, with what the condition says of prompts understood as MLflow does.

    Clients ask for models by ``!= 'true'``, though models do not carry the tag at all. The first
    comparison of the tag decides whether prompts are meant; if not, none of them counts.
    """
    comparisons = tuple(map(_comparison, condition.conditions))
    of_tag = [item for item in comparisons if (item.entity, item.key) == ("tag", PROMPT_TAG)]
    if of_tag and _asks_for_prompts(of_tag[0]):
        return ModelSearch(comparisons, order, start, limit, prompts=True)
    others = tuple(item for item in comparisons if item not in of_tag)
    return ModelSearch(others, order, start, limit)


def _comparison(item: Condition) -> Comparison:
    if isinstance(item, Comparison):
        return item
    raise InvalidRequest("Models are searched by conditions joined by AND.", field="filter")


def _asks_for_prompts(item: Comparison) -> bool:
    said = (item.operator, str(item.value).lower())
    return said in {("=", "true"), ("!=", "false")}
