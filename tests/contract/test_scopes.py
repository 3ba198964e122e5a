"""Each operation asks for exactly the scopes that the contract names (security row S3)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Action, Resource
from tests.contract.route_samples import sample
from tests.identities import token_for_only
from tests.jupyter_host import JupyterHost

CONTRACT = Path(__file__).resolve().parents[2] / "contract" / "openapi.json"
EVERY_SCOPE = [
    f"{resource}:{action}" for resource in get_args(Resource) for action in get_args(Action)
]


def agreed_scopes(route: Route) -> list[str]:
    paths = json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"]
    return list(paths[f"/{route.path}"][route.method.lower()]["x-scopes"])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation_id)
def test_one_scope_opens_only_the_operations_that_need_no_more(
    host: JupyterHost, route: Route
) -> None:
    asked = sample(route)
    needed = agreed_scopes(route)
    for scope in EVERY_SCOPE:
        answer = host.request(route.method, asked.path, asked.body, token=token_for_only(scope))
        assert (answer.status != 403) == (needed == [scope]), (scope, answer)
