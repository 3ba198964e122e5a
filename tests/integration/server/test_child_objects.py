"""What belongs to a run is there for whom the run is there, and otherwise as if it never was (row S3)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.route_samples import ABSENT_RUN
from tests.finished_run import finished_run
from tests.identities import OWNER, STRANGER, VIEWER
from tests.jupyter_host import Answer, JupyterHost

# One request for each child object of a run and each verb on it; the run has all of them.
CHILDREN: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "the run": ("GET", "", None),
    "a metric": ("GET", "/metrics?key=loss", None),
    "the cells": ("GET", "/cells", None),
    "the environment": ("GET", "/environment", None),
    "the log": ("GET", "/log", None),
    "the executed notebook": ("GET", "/notebook", None),
    "the source notebook": ("GET", "/notebook?kind=source", None),
    "the files": ("GET", "/artifacts", None),
    "a file": ("GET", "/artifacts/content?path=values.json", None),
    "a tag to set": ("PUT", "/tags", {"key": "k", "value": "v"}),
    "a tag to remove": ("DELETE", "/tags?key=k", None),
    "a note": ("PATCH", "", {"note": "n"}),
}
CHANGES = {name for name, (method, _, _) in CHILDREN.items() if method != "GET"}


@pytest.fixture(scope="module")
def runs(host: JupyterHost) -> dict[str, str]:
    """Return runs in each state of being there."""
    made = {name: finished_run(host) for name in ("there", "in the trash", "purged")}
    for name in ("in the trash", "purged"):
        host.request("DELETE", f"runs/{made[name]}")
    assert host.request("POST", f"runs/{made['purged']}/purge").status == 200
    return made | {"absent": ABSENT_RUN, "impossible": "not-an-id"}


def ask(host: JupyterHost, run_id: str, child: str, token: str | None) -> Answer:
    method, path, body = CHILDREN[child]
    return host.request(method, f"runs/{run_id}{path}", body, token=token)


def told(answer: Answer) -> tuple[int, dict[str, Any]]:
    """Return all that a refusal tells, but for the mark by which it is found in the log."""
    problem = json.loads(answer.body)
    del problem["id"]
    return answer.status, problem


@pytest.mark.parametrize("child", CHILDREN)
def test_a_child_of_a_run_in_the_trash_answers_as_one_of_a_run_that_is_there(
    host: JupyterHost, runs: dict[str, str], child: str
) -> None:
    for token, allowed in ((OWNER, True), (VIEWER, child not in CHANGES)):
        for state in ("there", "in the trash"):
            answer = ask(host, runs[state], child, token)
            assert answer.status == (200 if allowed else 403), (state, answer)


@pytest.mark.parametrize("child", CHILDREN)
@pytest.mark.parametrize("token", [OWNER, VIEWER, STRANGER, None])
def test_a_child_of_a_purged_run_answers_as_if_the_run_had_never_been(
    host: JupyterHost, runs: dict[str, str], child: str, token: str | None
) -> None:
    gone = [told(ask(host, runs[state], child, token)) for state in ("purged", "absent")]
    impossible = told(ask(host, runs["impossible"], child, token))
    assert gone[0] == gone[1] == impossible
    may = {OWNER: 404, VIEWER: 403 if child in CHANGES else 404, STRANGER: 403, None: 401}
    assert gone[0][0] == may[token]


@pytest.mark.parametrize("child", CHILDREN)
def test_who_may_not_see_a_run_learns_nothing_of_its_children(
    host: JupyterHost, runs: dict[str, str], child: str
) -> None:
    for token in (STRANGER, None):
        refusals = [told(ask(host, run_id, child, token)) for run_id in runs.values()]
        assert all(refusal == refusals[0] for refusal in refusals)
