"""Who gets what from each address with each verb: equal to the checked-in table."""

from __future__ import annotations

import json
from pathlib import Path

from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import by_path
from tests.contract.route_samples import sample
from tests.identities import OWNER, STRANGER, VIEWER
from tests.jupyter_host import JupyterHost

MATRIX = Path(__file__).with_name("route_matrix.json")
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
IDENTITIES = {
    "none": None,
    "bad token": "nobody-7f3a",
    "stranger": STRANGER,
    "viewer": VIEWER,
    "owner": OWNER,
}
Matrix = dict[str, dict[str, dict[str, int]]]


def observed(host: JupyterHost) -> Matrix:
    """Return the status of every address with every verb for every identity."""
    matrix: Matrix = {}
    for path, routes in by_path(ROUTES).items():
        any_route = next(iter(routes.values()))
        for verb in VERBS:
            route = routes.get("GET" if verb == "HEAD" else verb)
            asked = sample(route or any_route)
            body = asked.body if route else None
            matrix.setdefault(path, {})[verb] = {
                name: host.request(verb, asked.path, body, token=token).status
                for name, token in IDENTITIES.items()
            }
    return matrix


def test_each_verb_of_each_address_answers_each_identity_as_agreed(host: JupyterHost) -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert observed(host) == agreed


def test_every_route_has_its_row() -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    assert set(agreed) == set(by_path(ROUTES))


def test_nobody_gets_in_without_a_name_and_the_viewer_changes_nothing() -> None:
    agreed: Matrix = json.loads(MATRIX.read_text(encoding="utf-8"))
    for path, verbs in agreed.items():
        for verb, by_identity in verbs.items():
            assert by_identity["none"] == by_identity["bad token"] == 401, (path, verb)
            if by_identity["owner"] != 405:
                assert by_identity["stranger"] == 403, (path, verb)
                if verb not in ("GET", "HEAD"):
                    assert by_identity["viewer"] == 403, (path, verb)
