"""Each operation asks for exactly the scopes that the contract names (security row S3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from jupyter_mlops.api.mlflow.routes import ROUTES as MLFLOW_ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Action, Resource
from tests.contract.route_samples import EVERY_ROUTE, name_of, sample
from tests.identities import token_for_only
from tests.jupyter_host import JupyterHost

CONTRACT = Path(__file__).resolve().parents[2] / "contract" / "openapi.json"
EVERY_SCOPE = [
    f"{resource}:{action}" for resource in get_args(Resource) for action in get_args(Action)
]


def asked_scopes(route: Route) -> list[str]:
    if route in MLFLOW_ROUTES:  # whose protocol has no scopes
        return [f"{resource}:{action}" for action, resource in route.scopes]
    paths = json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"]
    return list(paths[f"/{route.path}"][route.method.lower()]["x-scopes"])


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=name_of)
def test_one_scope_opens_only_the_operations_that_need_no_more(
    host: JupyterHost, route: Route
) -> None:
    asked = sample(route)
    needed = asked_scopes(route)
    for scope in EVERY_SCOPE:
        answer = asked.send(host, route.method, token=token_for_only(scope))
        assert (answer.status != 403) == (needed == [scope]), (scope, answer)
