"""Logged models in MLflow's words: made, given parameters and tags, finalized, found, deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from jupyter_mlops.api.mlflow import entities, messages, page_tokens
from jupyter_mlops.api.mlflow.artifacts import Files, level
from jupyter_mlops.api.mlflow.experiments import experiment_id
from jupyter_mlops.api.mlflow.key_values import KeyValue, Pair, key_values, mapping
from jupyter_mlops.api.mlflow.messages import Message, Nothing
from jupyter_mlops.api.mlflow.routing import API, tracking
from jupyter_mlops.api.routing import Method, Request, Route
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest, NotFound
from jupyter_mlops.domain.file_places import InLoggedModel
from jupyter_mlops.domain.logged_models import (
    DatasetChoice,
    LoggedModel,
    LoggedModelSearch,
    LoggedModelStatus,
    ModelMetric,
    NewLoggedModel,
    is_model_id,
)
from jupyter_mlops.domain.search_filter import parse_filter
from jupyter_mlops.domain.search_nouns import LOGGED_MODELS
from jupyter_mlops.domain.search_order import OrderClause, logged_model_order

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

RESULTS = 100
RESULTS_MAX = 1_000
EXPERIMENTS_MAX = 1_000
DATASETS_MAX = 100
_NAMES = {
    LoggedModelStatus.UNSPECIFIED: "LOGGED_MODEL_STATUS_UNSPECIFIED",
    LoggedModelStatus.PENDING: "LOGGED_MODEL_PENDING",
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}
# Their numbers are those of MLflow.
_STATUSES: dict[str | int, LoggedModelStatus] = {
    **{name: status for status, name in _NAMES.items()},
    **dict(enumerate(_NAMES)),
}


class Create(Message, frozen=True, kw_only=True):
    """A new model; where its files go is for the server to say."""

    experiment_id: str
    name: str = ""
    model_type: str = ""
    source_run_id: str = ""
    params: tuple[Pair, ...] = ()
    tags: tuple[Pair, ...] = ()


class Get(Message, frozen=True, kw_only=True):
    """Whether a deleted model is wanted, too."""

    allow_deleted: str = "false"


class Finalize(Message, frozen=True, kw_only=True):
    """How a model turned out, by name or number."""

    status: str | int


class LogParams(Message, frozen=True, kw_only=True):
    """Parameters of a model."""

    params: tuple[Pair, ...] = ()


class SetTags(Message, frozen=True, kw_only=True):
    """Tags of a model."""

    tags: tuple[Pair, ...] = ()


class ListFiles(Message, frozen=True, kw_only=True):
    """The folder of a model to list."""

    artifact_directory_path: str = ""


class DatasetMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Which data set the metrics are about."""

    dataset_name: str | None = None
    dataset_digest: str | None = None


class OrderMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One key of the order."""

    field_name: str | None = None
    ascending: bool | None = None
    dataset_name: str | None = None
    dataset_digest: str | None = None


class Search(Message, frozen=True, kw_only=True):
    """What is looked for; ``extended`` asks for OR, NOT, parentheses and BETWEEN in the filter."""

    experiment_ids: tuple[str, ...]
    filter: str = ""
    datasets: tuple[DatasetMessage, ...] = ()
    max_results: int = 0
    order_by: tuple[OrderMessage, ...] = ()
    page_token: str = ""
    extended: bool = False


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a model is; times in milliseconds."""

    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    model_type: str = ""
    source_run_id: str = ""
    tags: list[KeyValue] = []


class ModelMetricEntity(entities.MetricEntity, frozen=True, kw_only=True, omit_defaults=True):
    """One value that a run found out about a model, maybe on a data set."""

    model_id: str
    run_id: str
    dataset_name: str = ""
    dataset_digest: str = ""


class ModelData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a model."""

    params: list[KeyValue] = []
    metrics: list[ModelMetricEntity] = []


class ModelEntity(msgspec.Struct, frozen=True, kw_only=True):
    """A model with all that its clients show."""

    info: ModelInfo
    data: ModelData


class One(msgspec.Struct, frozen=True, kw_only=True):
    """One model."""

    model: ModelEntity


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of models; no token means that it is the last."""

    models: list[ModelEntity] = []
    next_page_token: str = ""


def _create(services: Services, actor: Actor, asked: Create) -> One:
    number = experiment_id(asked.experiment_id)
    new = NewLoggedModel(
        experiment_id=number,
        name=asked.name or None,
        model_type=asked.model_type or None,
        source_run_id=asked.source_run_id or None,
        parameters=mapping(asked.params),
        tags=mapping(asked.tags),
    )
    try:
        made = services.logged_models.create(actor, new)
    except NotFound:
        raise NotFound(f"No Experiment with id={number} exists") from None
    return One(model=_entity(made))


def _get(services: Services, actor: Actor, model_id: str, asked: Get) -> One:
    deleted = asked.allow_deleted.lower() == "true"
    return One(model=_entity(services.logged_models.get(actor, model_id, deleted=deleted)))


def _finalize(services: Services, actor: Actor, model_id: str, asked: Finalize) -> One:
    # MLflow takes what it does not know for the first.
    status = _STATUSES.get(asked.status, LoggedModelStatus.UNSPECIFIED)
    return One(model=_entity(services.logged_models.finalize(actor, model_id, status)))


def _delete(services: Services, actor: Actor, model_id: str, asked: Nothing) -> None:
    services.logged_models.trash(actor, model_id)


def _log_params(services: Services, actor: Actor, model_id: str, asked: LogParams) -> None:
    values = mapping(asked.params)
    if len(values) != len(asked.params):
        raise InvalidRequest("Duplicate parameter keys have been submitted.", field="params")
    services.logged_models.log_parameters(actor, model_id, values)


def _set_tags(services: Services, actor: Actor, model_id: str, asked: SetTags) -> None:
    services.logged_models.set_tags(actor, model_id, mapping(asked.tags))


def _list_files(services: Services, actor: Actor, model_id: str, asked: ListFiles) -> Files:
    found = services.logged_models.get(actor, model_id)
    path = asked.artifact_directory_path.strip("/")
    files = services.artifacts.below(actor, InLoggedModel(model_id, path))
    below = f"{path}/" if path else ""
    return Files(root_uri=_artifact_uri(found), files=level(files, path, below))


def _search(services: Services, actor: Actor, asked: Search) -> Found:
    for name, most in (("experiment_ids", EXPERIMENTS_MAX), ("datasets", DATASETS_MAX)):
        if len(getattr(asked, name)) > most:
            raise messages.invalid(name, len(getattr(asked, name)))
    if asked.max_results < 0:
        raise messages.invalid("max_results", asked.max_results)
    if not all(each.dataset_name for each in asked.datasets):
        raise InvalidRequest(
            "`dataset_name` in the `datasets` clause must be specified.", field="datasets"
        )
    # A page that is shorter than asked for comes with a token for the rest.
    limit = min(asked.max_results or RESULTS, RESULTS_MAX)
    bound = msgspec.json.encode(
        [asked.experiment_ids, asked.filter, asked.datasets, asked.order_by, asked.extended]
    )
    start = page_tokens.offset(asked.page_token, bound)
    page = services.logged_models.search(
        actor,
        LoggedModelSearch(
            experiment_ids=tuple(sorted(set(map(experiment_id, asked.experiment_ids)))),
            condition=parse_filter(asked.filter, LOGGED_MODELS, extended=asked.extended),
            order=logged_model_order(
                [OrderClause(**msgspec.structs.asdict(each)) for each in asked.order_by]
            ),
            datasets=tuple(
                DatasetChoice(each.dataset_name, each.dataset_digest or None)
                for each in asked.datasets
            ),
            start=start,
            limit=limit,
        ),
    )
    return Found(
        models=[_entity(each) for each in page.models],
        next_page_token=page_tokens.after(start + limit, bound) if page.more else "",
    )


def _entity(found: LoggedModel) -> ModelEntity:
    return ModelEntity(
        info=ModelInfo(
            model_id=found.model_id,
            experiment_id=str(found.experiment_id),
            name=found.name,
            creation_timestamp_ms=found.created_at,
            last_updated_timestamp_ms=found.updated_at,
            artifact_uri=_artifact_uri(found),
            status=_NAMES[found.status],
            model_type=found.model_type or "",
            source_run_id=found.source_run_id or "",
            tags=key_values(found.tags),
        ),
        data=ModelData(
            params=key_values(found.parameters),
            metrics=[_metric(found.model_id, each) for each in found.metrics],
        ),
    )


def _metric(model_id: str, found: ModelMetric) -> ModelMetricEntity:
    point, dataset = found.point, found.dataset
    plain = entities.metric(point.key, point.value, point.timestamp, point.step)
    return ModelMetricEntity(
        **msgspec.structs.asdict(plain),
        model_id=model_id,
        run_id=found.run_id,
        dataset_name="" if dataset is None else dataset.name,
        dataset_digest="" if dataset is None else dataset.digest,
    )


def _artifact_uri(found: LoggedModel) -> str:
    return entities.artifact_address(found.experiment_id, f"models/{found.model_id}")


def _of_model(
    method: Method,
    path: str,
    name: str,
    handler: Callable[[Services, Actor, str, Any], object],
    message: type[Message] = Nothing,
) -> Route:
    """Return an operation on the model that is named in the path."""

    def handle(services: Services, request: Request) -> object:
        return handler(services, request.actor, _model_id(request), request.body)

    return Route(
        method=method,
        path=f"{API}/logged-models/{{model_id}}{path}",
        operation_id=f"mlflow.logged-models.{name}",
        summary=f"logged-models/{name}",
        handler=handle,
        action="read" if method == "GET" else "write",
        resource="mlops:runs",
        answer=object,
        body=message,
    )


def _model_id(request: Request) -> str:
    chosen = request.path["model_id"]
    if not is_model_id(chosen):
        raise NotFound(f"Logged model with ID '{chosen[:64]}' not found.")
    return chosen


def _delete_tag(services: Services, request: Request) -> None:
    services.logged_models.remove_tag(request.actor, _model_id(request), request.path["tag_key"])


ROUTES = (
    tracking(
        "POST",
        "logged-models",
        handler=_create,
        message=Create,
        action="write",
        resource="mlops:runs",
    ),
    tracking(
        "POST",
        "logged-models/search",
        handler=_search,
        message=Search,
        action="read",
        resource="mlops:runs",
    ),
    _of_model("GET", "", "get", _get, Get),
    _of_model("PATCH", "", "finalize", _finalize, Finalize),
    _of_model("DELETE", "", "delete", _delete),
    _of_model("POST", "/params", "params", _log_params, LogParams),
    _of_model("PATCH", "/tags", "tags", _set_tags, SetTags),
    _of_model("GET", "/artifacts/directories", "artifacts", _list_files, ListFiles),
    Route(
        method="DELETE",
        path=f"{API}/logged-models/{{model_id}}/tags/{{tag_key...}}",
        operation_id="mlflow.logged-models.delete-tag",
        summary="logged-models/delete-tag",
        handler=_delete_tag,
        action="write",
        resource="mlops:runs",
        answer=object,
        body=Nothing,
    ),
)
