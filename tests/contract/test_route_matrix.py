"""Who gets what from each address with each verb: equal to the checked-in table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_mlops.api.mlflow.door import find
from jupyter_mlops.api.mlflow.routes import ROUTES as MLFLOW_ROUTES
from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route, by_path
from tests.contract.route_samples import EVERY_ROUTE, name_of, sample
from tests.identities import OWNER, STRANGER, VIEWER
from tests.jupyter_host import JupyterHost
from tests.kernel_tokens import token_of_ended_kernel, token_of_kernel

MATRIX = Path(__file__).with_name("route_matrix.json")
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
Matrix = dict[str, dict[str, dict[str, int]]]


def identities(host: JupyterHost) -> dict[str, str | None]:
    """Return a token for each kind of client."""
    return {
        "none": None,
        "bad token": "nobody-7f3a",
        "stranger": STRANGER,
        "viewer": VIEWER,
        "owner": OWNER,
        "kernel": token_of_kernel(host.home),
        "ended kernel": token_of_ended_kernel(host.home),
    }


def observed(host: JupyterHost) -> Matrix:
    """Return the status of every address with every verb for every identity."""
    tokens = identities(host)
    matrix: Matrix = {}
    for path, routes in by_path(EVERY_ROUTE).items():
        any_route = next(iter(routes.values()))
        for verb in VERBS:
            route = routes.get("GET" if verb == "HEAD" else verb)
            asked = sample(route or any_route)
            matrix.setdefault(path, {})[verb] = {
                name: asked.send(host, verb, bare=route is None, token=token).status
                for name, token in tokens.items()
            }
    return matrix


def test_each_verb_of_each_address_answers_each_identity_as_agreed(host: JupyterHost) -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert observed(host) == agreed


def test_every_route_has_its_row() -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert set(agreed) == set(by_path(EVERY_ROUTE))


def test_nobody_gets_in_without_a_name_and_the_viewer_changes_nothing() -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    routes = by_path(EVERY_ROUTE)
    for path, verbs in agreed.items():
        for verb, by_identity in verbs.items():
            assert by_identity["none"] == by_identity["bad token"] == 401, (path, verb)
            if by_identity["owner"] != 405:
                assert by_identity["stranger"] == 403, (path, verb)
                method = "GET" if verb == "HEAD" else verb
                # The address of a search is also one of a model that would be called so.
                route = routes[path].get(method) or find(method, path)[0]
                # MLflow's clients search by POST, which is reading all the same.
                if route.action != "read":
                    assert by_identity["viewer"] == 403, (path, verb)


def test_a_kernel_may_track_at_the_door_of_mlflow_and_nothing_else() -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    ours, mlflows = by_path(ROUTES), by_path(MLFLOW_ROUTES)
    for path, verbs in agreed.items():
        for verb, by_identity in verbs.items():
            if path in ours:
                assert by_identity["kernel"] == by_identity["ended kernel"] == 403, (path, verb)
            else:
                assert by_identity["kernel"] == by_identity["owner"], (path, verb)
                assert by_identity["ended kernel"] == 401, (path, verb)
    assert {
        action for routes in mlflows.values() for r in routes.values() for action, _ in r.scopes
    } == {
        "read",
        "write",
    }


@pytest.mark.parametrize("route", EVERY_ROUTE, ids=name_of)
def test_a_token_counts_under_both_names_and_only_in_its_header(
    host: JupyterHost, route: Route
) -> None:
    asked = sample(route)

    def status(headers: dict[str, str], in_query: str = "") -> int:
        return asked.send(host, route.method, token=None, headers=headers, in_query=in_query).status

    known = [status({"Authorization": f"{word} {OWNER}"}) for word in ("token", "Bearer", "bearer")]
    assert known == known[:1] * 3
    assert known[0] not in (401, 403)
    assert status({"Authorization": f"Basic {OWNER}"}) == 401
    assert status({}, in_query=f"token={OWNER}") == 400
    assert status({"Authorization": f"Bearer {OWNER}"}, in_query=f"token={OWNER}") == 400
