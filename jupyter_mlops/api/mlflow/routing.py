"""Operations of MLflow's protocol as routes: the message is in the body, or in the query of a GET."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from jupyter_mlops.api.mlflow.messages import Message, Nothing
from jupyter_mlops.api.routing import Method, Request, Route
from jupyter_mlops.domain.actors import Action, Actor, Resource

if TYPE_CHECKING:
    from jupyter_mlops.services import Services

# Where the tracking and registry API is, below our prefix.
API = "api/2.0/mlflow"
Handler = Callable[["Services", Actor, Any], object]


def tracking(
    method: Method,
    path: str,
    handler: Handler,
    action: Action,
    resource: Resource,
    message: type[Message] = Nothing,
    also: tuple[tuple[Action, Resource], ...] = (),
) -> Route:
    """Return an operation of the tracking or registry API."""
    return message_route(
        method, f"{API}/{path}", handler, action, resource, message=message, also=also
    )


def message_route(
    method: Method,
    path: str,
    handler: Handler,
    action: Action,
    resource: Resource,
    message: type[Message] = Nothing,
    also: tuple[tuple[Action, Resource], ...] = (),
) -> Route:
    """Return an operation that takes a message; ``handler`` gets it with services and actor."""

    def handle(services: Services, request: Request) -> object:
        return handler(services, request.actor, request.body)

    return Route(
        method=method,
        path=path,
        operation_id=f"mlflow.{path.rpartition('mlflow')[2].strip('/')}",
        summary=path,
        handler=handle,
        action=action,
        resource=resource,
        answer=object,
        body=message,
        also=also,
    )
