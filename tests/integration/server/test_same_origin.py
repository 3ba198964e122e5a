"""No page but our own, and no one without proof, causes an effect (security row S4)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_mlops.api.routes import ROUTES
from jupyter_mlops.api.routing import Route
from tests.contract.route_samples import EVERY_ROUTE, name_of, sample
from tests.identities import OWNER
from tests.integration.server.browser_session import XSRF, BrowserSession, sign_in
from tests.jupyter_host import Answer, JupyterHost
from tests.store_snapshot import snapshot

# Of both doors; MLflow's clients search by POST, which needs the same proof.
CHANGING = [route for route in EVERY_ROUTE if route.method != "GET"]


@pytest.fixture(scope="module")
def session(host: JupyterHost) -> BrowserSession:
    return sign_in(host)


def hostile_headers(session: BrowserSession) -> dict[str, dict[str, str]]:
    """Header sets that must have no effect, by what is wrong with them."""
    token = {"Authorization": f"token {OWNER}"}
    place = session.netloc
    return {
        "nobody": {},
        "cookie without proof": session.but(X_XSRFToken=None),
        "cookie with a wrong proof": session.but(X_XSRFToken=XSRF.replace("0123", "4567")),
        "cookie from elsewhere": session.but(Origin="https://evil.example"),
        "cookie from a sandbox": session.but(Origin="null"),
        "cookie from a look-alike": session.but(Origin=f"http://{place}.evil.example"),
        "cookie from a user part": session.but(Origin=f"http://{place}@evil.example"),
        "cookie from another port": session.but(Origin="http://127.0.0.1:1"),
        "cookie across sites": session.but(Sec_Fetch_Site="cross-site"),
        "cookie under a foreign host name": session.but(Host="evil.example"),
        "token from elsewhere": token | {"Origin": "https://evil.example"},
        "token from a sandbox": token | {"Origin": "null"},
        "token across sites": token | {"Sec-Fetch-Site": "cross-site"},
    }


@pytest.mark.parametrize("route", CHANGING, ids=name_of)
def test_a_request_without_proof_or_from_elsewhere_has_no_effect(
    host: JupyterHost, session: BrowserSession, run_id: str, route: Route
) -> None:
    asked = sample(route, run_id)
    host.settle()
    before = snapshot(host.home, host.root)
    for what, headers in hostile_headers(session).items():
        answer = asked.send(host, route.method, token=None, headers=headers)
        assert answer.status in (401, 403), (what, answer)
        assert "access-control-allow-origin" not in answer.headers, what
    answer = asked.send(host, route.method, in_query=f"token={OWNER}", token=None)
    assert answer.status == 400
    assert "set-cookie" not in answer.headers  # nobody is signed in by an address
    assert snapshot(host.home, host.root) == before


def test_who_sends_a_token_is_not_signed_in_by_it(host: JupyterHost) -> None:
    for path in ("status", "2.0/mlflow/runs/get?run_id=1"):
        answer = host.request("GET", path)
        assert answer.status in (200, 404)
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=utf-16",
    ],
)
def test_a_body_of_another_type_is_refused_before_it_is_read(
    host: JupyterHost, content_type: str | None
) -> None:
    host.settle()
    before = snapshot(host.home)
    for route in set(CHANGING) & set(ROUTES):
        asked = sample(route)
        if asked.body is None:
            continue
        headers = {} if content_type is None else {"Content-Type": content_type}
        data = json.dumps(asked.body).encode()
        answer = host.request(route.method, asked.path, data, headers=headers)
        assert answer.status == 415, (route.operation_id, answer)
    assert snapshot(host.home) == before


@pytest.mark.parametrize("route", CHANGING, ids=name_of)
def test_our_own_page_with_its_proof_is_not_refused(
    host: JupyterHost, session: BrowserSession, route: Route
) -> None:
    answer = sample(route).send(host, route.method, token=None, headers=session.own)
    assert answer.status == sample(route).send(host, route.method).status
    assert answer.status not in (401, 403)


def test_our_own_page_and_a_script_with_a_token_may_change_things(
    host: JupyterHost, session: BrowserSession
) -> None:
    by_page = host.request(
        "POST", "experiments", {"name": "by page"}, token=None, headers=session.own
    )
    by_script = host.request("POST", "experiments", {"name": "by script"})
    assert (by_page.status, by_script.status) == (201, 201)
    names = [entry["name"] for entry in host.request("GET", "experiments").json()["experiments"]]
    assert {"by page", "by script"} <= set(names)


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "X-Forwarded-User"],
)
def test_no_header_of_a_proxy_makes_anybody_trusted(host: JupyterHost, header: str) -> None:
    for value in ("127.0.0.1", "host=localhost", "olive"):
        answer = host.request("GET", "status", token=None, headers={header: value})
        assert answer.status == 401


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.", "[::2]"])
def test_the_server_answers_under_no_foreign_host_name(host: JupyterHost, name: str) -> None:
    for value in (name, f"{name}:{host.port}"):
        assert host.request("GET", "status", headers={"Host": value}).status in (400, 403)


def test_only_the_origin_that_the_configuration_names_is_let_in(tmp_path: Path) -> None:
    config = "c.ServerApp.allow_origin = 'https://lab.example'\n"
    with JupyterHost(tmp_path, config=config).wait() as open_host:

        def answer(origin: str) -> Answer:
            headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
            return open_host.request("GET", "status", headers=headers)

        named = answer("https://lab.example")
        assert named.status == 200
        assert named.headers["access-control-allow-origin"] == "https://lab.example"
        for origin in ("https://lab.example.evil", "http://lab.example", "null", "*"):
            refused = answer(origin)
            assert refused.status == 403
            assert "access-control-allow-origin" not in refused.headers or (
                refused.headers["access-control-allow-origin"] != origin
            )
