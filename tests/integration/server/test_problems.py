"""Every refusal is problem details that say what to do, and never what was sent (row S10)."""

from __future__ import annotations

import string
import time

import pytest

from jupyter_mlops.api.problems import MEDIA_TYPE
from jupyter_mlops.api.routes import ROUTES
from tests.contract.route_samples import sample
from tests.jupyter_host import BASE_URL, Answer, JupyterHost

CANARY = "c4narY7"


def check_problem(answer: Answer) -> None:
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "code", "id", "field"}
    assert problem["status"] == answer.status
    assert set(problem["id"]) <= set(string.hexdigits)
    assert CANARY not in answer.body.decode() + repr(answer.headers)


def test_what_was_sent_comes_back_in_no_refusal_and_no_log(host: JupyterHost, run_id: str) -> None:
    for route in ROUTES:
        path, body = sample(route, run_id).path, sample(route, run_id).body
        joined = f"{path}{'&' if '?' in path else '?'}"
        asked: list[tuple[str, object]] = [
            (f"{joined}{CANARY}=1", body),
            (f"{joined}limit={CANARY}", body),
            (f"{joined}%zz{CANARY}", body),
            (f"{joined}token={CANARY}", body),
        ]
        if body is not None:
            asked += [(path, {**body, key: [CANARY]}) for key in (*body, CANARY)]
            asked += [(path, f'{{"{CANARY}"'.encode()), (path, CANARY.encode())]
        else:
            asked.append((path, {CANARY: CANARY}))
        for address, data in asked:
            if route.method == "GET" and data is not None:
                continue
            headers = {"Content-Type": "application/json", "X-Canary": CANARY}
            check_problem(host.request(route.method, address, data, headers=headers))  # type: ignore[arg-type]
    for name, method, path in (
        ("If-Match", "PATCH", f"runs/{run_id}"),
        ("Idempotency-Key", "POST", "runs"),
        ("Origin", "GET", "runs"),
        ("Sec-Fetch-Site", "PUT", "runs"),
        ("Content-Type", "POST", "runs"),
    ):
        headers = {"Content-Type": "application/json", name: f"{CANARY} !"}
        check_problem(host.request(method, path, b"{}", headers=headers))
    check_problem(host.request("GET", f"runs/{CANARY}"))
    check_problem(host.request("GET", f"runs/{run_id}/artifacts/content?path={CANARY}"))
    check_problem(host.request("GET", f"notebooks/parameters?path={CANARY}.ipynb"))
    check_problem(host.request("POST", f"kernels/{CANARY}/check"))
    check_problem(host.request("GET", CANARY, token=CANARY))
    assert CANARY not in host.log


@pytest.mark.parametrize("method", ["PROPFIND", "TRACE", "CONNECT", "PUT", "DELETE"])
def test_an_unknown_verb_is_refused(host: JupyterHost, method: str) -> None:
    check_problem(host.request(method, "status"))
    assert host.request(method, "status").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nowhere",
        "runs/",
        "runs//cancel",
        "Runs",
        "status/",
        "../api/status",
        "runs/%2e%2e/x",
        "%ff",
        "runs/%00",
        "runs/" + "x" * 5_000,
    ],
)
def test_an_unknown_address_is_refused_and_never_redirected(host: JupyterHost, path: str) -> None:
    check_problem(host.request("GET", path))


def test_the_prefix_itself_is_ours(host: JupyterHost) -> None:
    check_problem(host.request("GET", "", address=f"{BASE_URL}mlops/api"))


def test_a_405_names_the_verbs_there_are(host: JupyterHost) -> None:
    assert host.request("PUT", "experiments").headers["allow"] == "GET, POST"


def test_a_refusal_is_found_in_the_log_by_its_id(host: JupyterHost) -> None:
    problem = host.request("GET", "nowhere").json()
    deadline = time.monotonic() + 10
    while problem["id"] not in host.log:
        assert time.monotonic() < deadline
        time.sleep(0.01)
