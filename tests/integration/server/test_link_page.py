"""The page behind the links that MLflow's clients print: who gets it, and what it may do."""

from __future__ import annotations

import pytest

from tests.identities import OWNER, STRANGER, VIEWER
from tests.jupyter_host import BASE_URL, Answer, JupyterHost


def ask(host: JupyterHost, path: str = "mlops/", method: str = "GET", **options: object) -> Answer:
    return host.request(method, path, address=BASE_URL, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["mlops", "mlops/"])
@pytest.mark.parametrize("token", [OWNER, VIEWER])
def test_who_is_signed_in_gets_a_page_that_leads_to_jupyterlab(
    host: JupyterHost, path: str, token: str
) -> None:
    answer = ask(host, path, token=token)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=UTF-8"
    assert f'href="{BASE_URL}lab"' in answer.body.decode()


def test_who_is_not_signed_in_is_sent_to_the_login_and_back(host: JupyterHost) -> None:
    answer = ask(host, token=None)
    assert answer.status == 302
    assert answer.headers["location"].startswith(f"{BASE_URL}login?next=")
    assert b"<script" not in answer.body


def test_who_may_not_see_runs_gets_nothing(host: JupyterHost) -> None:
    assert ask(host, token=STRANGER).status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_page_is_only_read(host: JupyterHost, method: str) -> None:
    assert ask(host, method=method, token=OWNER).status in (403, 405)


def test_a_token_in_the_address_is_refused(host: JupyterHost) -> None:
    assert ask(host, f"mlops/?token={OWNER}", token=None).status == 400


def test_nothing_of_a_request_is_in_the_page(host: JupyterHost) -> None:
    plain = ask(host).body
    for query in ("next=https://evil.example", "url=//evil.example/", "%22%3E%3Cscript%3E"):
        answer = ask(host, f"mlops/?{query}", headers={"Referer": "https://evil.example/"})
        assert (answer.status, answer.body) == (200, plain)


def test_the_page_may_run_its_own_script_and_nothing_else(host: JupyterHost) -> None:
    headers = ask(host).headers
    policy = dict(
        part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";")
    )
    assert set(policy) == {
        "default-src",
        "script-src",
        "style-src",
        "base-uri",
        "form-action",
        "frame-ancestors",
    }
    for name in ("script-src", "style-src"):
        assert policy.pop(name).startswith("'sha256-")
    assert set(policy.values()) == {"'none'"}
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "private, no-store"
