"""Two clients never overwrite each other, and a repeated request is done once."""

from __future__ import annotations

from jupyter_mlops.api.routes import ROUTES
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


def test_a_repeated_creation_with_the_same_key_is_one_experiment(host: JupyterHost) -> None:
    key = {"Idempotency-Key": "an-experiment-of-the-client"}
    asked = {"name": "asked for twice"}
    first, again = (host.request("POST", "experiments", asked, headers=key) for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.json() == again.json()
    for other in (
        host.request("POST", "experiments", {"name": "another"}, headers=key),
        host.request("POST", "runs", {"notebook": "train.ipynb"}, headers=key),
        host.request("POST", "experiments", asked),
    ):
        assert other.status == 409, other
    assert (
        len(host.request("GET", "experiments?name=Asked%20For%20TWICE").json()["experiments"]) == 1
    )
    assert host.request("GET", "experiments?name=another").json()["total"] == 0


def test_every_route_that_makes_something_knows_a_repeated_request() -> None:
    for route in ROUTES:
        makes = route.status == 201 or route.location is not None
        assert makes == ("Idempotency-Key" in route.headers), route.operation_id


def test_the_address_of_a_new_run_respects_the_prefix_of_the_server(
    host: JupyterHost, run_id: str
) -> None:
    again = host.request("POST", f"runs/{run_id}/rerun", {})
    assert again.status == 202
    location = again.headers["location"]
    assert location == f"/a%40b/mlops/api/runs/{again.json()['run_id']}"
    assert host.request("GET", "", address=location).json()["rerun_of"] == run_id
    host.settle()
