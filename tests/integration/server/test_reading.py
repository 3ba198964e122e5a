"""Reading changes nothing, and is only for our own page or a token (security row S5)."""

from __future__ import annotations

import pytest

from jupyter_mlops.api.routing import Route
from tests.contract.route_samples import EVERY_ROUTE, name_of, sample
from tests.integration.server.browser_session import BrowserSession, sign_in
from tests.jupyter_host import JupyterHost
from tests.store_snapshot import snapshot

READING = [route for route in EVERY_ROUTE if route.method == "GET"]
SEARCHING = [route for route in EVERY_ROUTE if route.method == "POST" and route.action == "read"]


@pytest.fixture(scope="module")
def session(host: JupyterHost) -> BrowserSession:
    return sign_in(host)


def test_reading_everything_leaves_store_and_files_as_they_were(
    host: JupyterHost, run_id: str
) -> None:
    host.settle()
    before = snapshot(host.home, host.root)
    for route in READING:
        for method in ("GET", "HEAD"):
            sample(route, run_id).send(host, method)
            sample(route).send(host, method)
    assert SEARCHING
    for route in SEARCHING:
        sample(route, run_id).send(host, "POST")
    assert snapshot(host.home, host.root) == before


@pytest.mark.parametrize("route", READING, ids=name_of)
def test_a_page_of_another_site_reads_nothing_with_the_cookie(
    host: JupyterHost, session: BrowserSession, run_id: str, route: Route
) -> None:
    asked = sample(route, run_id)
    for headers in (
        session.but(Origin=None, X_XSRFToken=None, Referer="https://evil.example/"),
        session.but(Origin=None, X_XSRFToken=None, Referer=None),
        session.but(Origin="null"),
        session.but(Sec_Fetch_Site="cross-site"),
    ):
        answer = asked.send(host, "GET", token=None, headers=headers)
        assert answer.status == 403, (headers, answer)
    own = asked.send(host, "GET", token=None, headers=session.but(Origin=None))
    assert own.status in (200, 404, 501)
    linked = session.but(Origin=None, X_XSRFToken=None)
    assert asked.send(host, "GET", token=None, headers=linked).status == own.status


def test_an_absent_object_and_one_that_cannot_exist_look_the_same(host: JupyterHost) -> None:
    def told(run_id: str) -> tuple[int, dict[str, str]]:
        answer = host.request("GET", f"runs/{run_id}")
        problem = answer.json()
        del problem["id"]
        return answer.status, problem

    assert told("0" * 32) == told("not-an-id") == told("0" * 31 + "G") == told("A" * 32)
    assert told("0" * 32)[0] == 404


def test_every_answer_in_json_is_private_and_inert(host: JupyterHost) -> None:
    for path in ("status", "runs", "nowhere"):
        headers = host.request("GET", path).headers
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
