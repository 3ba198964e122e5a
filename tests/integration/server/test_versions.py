"""Two clients never overwrite each other, and a repeated request is done once."""

from __future__ import annotations

from tests.jupyter_host import JupyterHost


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(
    host: JupyterHost, run_id: str
) -> None:
    seen = host.request("GET", f"runs/{run_id}")
    tag = seen.headers["etag"]
    assert tag == f'"{seen.json()["version"]}"'
    first = host.request("PATCH", f"runs/{run_id}", {"note": "first"}, headers={"If-Match": tag})
    assert (first.status, first.json()["note"]) == (200, "first")
    second = host.request("PATCH", f"runs/{run_id}", {"note": "second"}, headers={"If-Match": tag})
    assert (second.status, second.json()["code"]) == (412, "stale")
    assert host.request("GET", f"runs/{run_id}").json()["note"] == "first"
    again = {"If-Match": first.headers["etag"]}
    assert host.request("PATCH", f"runs/{run_id}", {"note": "2"}, headers=again).status == 200


def test_a_repeated_submission_with_the_same_key_is_one_run(host: JupyterHost, run_id: str) -> None:
    assert run_id
    key = {"Idempotency-Key": "a-key-of-the-client"}
    answers = [
        host.request("POST", "runs", {"notebook": "train.ipynb"}, headers=key) for _ in range(3)
    ]
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert len({answer.headers["location"] for answer in answers}) == 1
    host.settle()


def test_the_address_of_a_new_run_respects_the_prefix_of_the_server(
    host: JupyterHost, run_id: str
) -> None:
    again = host.request("POST", f"runs/{run_id}/rerun", {})
    assert again.status == 202
    location = again.headers["location"]
    assert location == f"/a%40b/mlops/api/runs/{again.json()['run_id']}"
    assert host.request("GET", "", address=location).json()["rerun_of"] == run_id
    host.settle()
