"""The registry over HTTP as MLflow's clients use it: their words, their refusals, their scopes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import urlencode

import pytest

from jupyter_mlops.api.mlflow import model_aliases, model_versions, registered_models
from jupyter_mlops.api.routing import Route
from jupyter_mlops.domain.actors import Action, Resource
from tests.identities import VIEWER, token_for_only
from tests.jupyter_host import BASE_URL, Answer, JupyterHost

DOOR = f"{BASE_URL}mlops/api/2.0/mlflow/"
FILES = f"{BASE_URL}mlops/api/2.0/mlflow-artifacts/artifacts/"
ROUTES = (*registered_models.ROUTES, *model_aliases.ROUTES, *model_versions.ROUTES)
MODELS, VERSIONS = "registered-models/", "model-versions/"


class Client:
    """Sends what MLflow's clients send; a run with files is there."""

    def __init__(self, host: JupyterHost) -> None:
        self.host = host
        made = self.ask("POST", "runs/create", {"experiment_id": "0"})
        self.run_id = made.json()["run"]["info"]["run_id"]
        self.artifacts = f"mlflow-artifacts:/0/{self.run_id}/artifacts"
        for path in ("model/MLmodel", "model/model.bin"):
            stored = host.request(
                "PUT", f"0/{self.run_id}/artifacts/{path}", b"bytes", address=FILES
            )
            assert stored.status == 200

    def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any
    ) -> Answer:
        address = f"{path}?{urlencode(query, doseq=True)}" if query else path
        return self.host.request(method, address, body, address=DOOR)

    def model(self, name: str, **fields: Any) -> Any:
        made = self.ask("POST", f"{MODELS}create", {"name": name, **fields})
        assert made.status == 200, made
        return made.json()["registered_model"]

    def version(self, name: str, **fields: Any) -> Any:
        body = {"name": name, "source": f"{self.artifacts}/model", **fields}
        made = self.ask("POST", f"{VERSIONS}create", body)
        assert made.status == 200, made
        return made.json()["model_version"]

    def refusal(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, str]:
        answer = self.ask(method, path, body, **query)
        return answer.status, answer.json()["error_code"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    running = JupyterHost(tmp_path_factory.mktemp("server")).wait()
    yield Client(running)
    assert running.stop() == 0


def test_a_model_and_its_versions_are_told_in_mlflows_words(client: Client) -> None:
    made = client.model("words", description="d", tags=[{"key": "a", "value": "1"}])
    assert made.keys() == {
        *("name", "creation_timestamp", "last_updated_timestamp", "user_id"),
        *("description", "tags"),
    }
    version = client.version("words", run_id=client.run_id, tags=[{"key": "k", "value": "v"}])
    assert (
        version.items()
        >= {
            "name": "words",
            "version": "1",
            "source": f"{client.artifacts}/model",
            "run_id": client.run_id,
            "status": "READY",
            "current_stage": "None",
            "user_id": "olive",
        }.items()
    )
    assert version["tags"] == [{"key": "k", "value": "v"}]
    shown = client.ask("GET", f"{MODELS}get", name="words").json()["registered_model"]
    assert [each["version"] for each in shown["latest_versions"]] == ["1"]
    for method in ("GET", "POST"):
        sent = {"name": "words"}
        body, query = (sent, {}) if method == "POST" else (None, sent)
        found = client.ask(method, f"{MODELS}get-latest-versions", body, **query).json()
        assert [each["version"] for each in found["model_versions"]] == ["1"]


def test_the_files_of_a_version_come_from_the_address_that_is_told(client: Client) -> None:
    client.model("files")
    client.version("files", source=f"runs:/{client.run_id}/model")
    answer = client.ask("GET", f"{VERSIONS}get-download-uri", name="files", version="1")
    assert answer.json() == {"artifact_uri": f"{client.artifacts}/model"}
    path = answer.json()["artifact_uri"].removeprefix("mlflow-artifacts:/")
    got = client.host.request("GET", f"{path}/MLmodel", address=FILES)
    assert (got.status, got.body) == (200, b"bytes")


def test_an_alias_is_set_followed_and_removed(client: Client) -> None:
    client.model("aliased")
    client.version("aliased")
    client.version("aliased")
    moved = {"name": "aliased", "alias": "champion", "version": "1"}
    assert client.ask("POST", f"{MODELS}alias", moved).json() == {}
    for alias, version in (("champion", "1"), ("latest", "2")):
        found = client.ask("GET", f"{MODELS}alias", name="aliased", alias=alias).json()
        assert found["model_version"]["version"] == version
    assert client.ask("DELETE", f"{MODELS}alias", moved).json() == {}
    assert client.ask("DELETE", f"{MODELS}alias", moved).json() == {}
    missing = client.ask("GET", f"{MODELS}alias", name="aliased", alias="champion")
    assert (missing.status, missing.json()) == (
        400,
        {
            "error_code": "INVALID_PARAMETER_VALUE",
            "message": "Registered model alias champion not found.",
        },
    )


def test_refusals_have_mlflows_codes(client: Client) -> None:
    client.model("taken")
    client.model("other")
    invalid, absent = (400, "INVALID_PARAMETER_VALUE"), (404, "RESOURCE_DOES_NOT_EXIST")
    exists = (400, "RESOURCE_ALREADY_EXISTS")
    source = f"{client.artifacts}/model"
    moved = {"name": "absent", "alias": "a", "version": "1"}
    for method, path, body, expected in (
        ("POST", f"{MODELS}create", {"name": "taken"}, exists),
        ("POST", f"{MODELS}create", {"name": "Taken"}, exists),
        ("POST", f"{MODELS}create", {"name": "a/b"}, invalid),
        ("POST", f"{MODELS}create", {}, invalid),
        ("POST", f"{MODELS}rename", {"name": "other", "new_name": "taken"}, exists),
        ("POST", f"{MODELS}rename", {"name": "absent", "new_name": "x"}, absent),
        ("PATCH", f"{MODELS}update", {"name": "absent"}, absent),
        ("DELETE", f"{MODELS}delete", {"name": "absent"}, absent),
        ("POST", f"{MODELS}set-tag", {"name": "absent", "key": "k"}, absent),
        ("DELETE", f"{MODELS}delete-tag", {"name": "absent", "key": "k"}, absent),
        ("POST", f"{MODELS}alias", moved, absent),
        ("POST", f"{MODELS}alias", moved | {"name": "taken"}, absent),
        ("POST", f"{MODELS}alias", moved | {"alias": "v1"}, invalid),
        ("POST", f"{VERSIONS}create", {"name": "absent", "source": source}, absent),
        ("POST", f"{VERSIONS}create", {"name": "taken"}, invalid),
        ("POST", f"{VERSIONS}create", {"name": "taken", "source": "s3://b/k"}, invalid),
        ("POST", f"{VERSIONS}create", {"name": "taken", "source": f"{source}/x"}, absent),
        ("DELETE", f"{VERSIONS}delete", {"name": "taken", "version": "1"}, absent),
        ("POST", f"{VERSIONS}transition-stage", {"name": "taken", "version": "1"}, invalid),
        (
            "POST",
            f"{VERSIONS}transition-stage",
            {"name": "taken", "version": "1", "stage": "Bogus"},
            invalid,
        ),
    ):
        assert client.refusal(method, path, body) == expected, (path, body)
    assert client.refusal("GET", f"{MODELS}get", name="absent") == absent
    assert client.refusal("GET", f"{VERSIONS}get", name="taken", version="1") == absent
    assert client.refusal("GET", f"{VERSIONS}get", name="taken", version="one") == invalid
    assert client.refusal("GET", f"{MODELS}get-latest-versions", name="absent") == absent


def test_prompts_are_models_without_versions(client: Client) -> None:
    prompt = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    client.model("prompt", tags=prompt)
    body = {"name": "prompt", "source": "dummy-source", "tags": prompt}
    assert client.refusal("POST", f"{VERSIONS}create", body) == (501, "NOT_IMPLEMENTED")
    hidden = "tag.`mlflow.prompt.is_prompt` != 'true' AND name = 'prompt'"
    assert client.ask("GET", f"{MODELS}search", filter=hidden).json() == {}
    shown = "tag.`mlflow.prompt.is_prompt` = 'true'"
    found = client.ask("GET", f"{MODELS}search", filter=shown).json()
    assert [each["name"] for each in found["registered_models"]] == ["prompt"]


def test_searches_give_pages_until_the_last(client: Client) -> None:
    client.model("paged")
    for _ in range(3):
        client.version("paged")
    asked = {"filter": "name = 'paged'", "order_by": "version_number DESC", "max_results": 2}
    first = client.ask("GET", f"{VERSIONS}search", **asked).json()
    rest = client.ask(
        "GET", f"{VERSIONS}search", **asked, page_token=first["next_page_token"]
    ).json()
    assert [each["version"] for each in first["model_versions"]] == ["3", "2"]
    assert [each["version"] for each in rest["model_versions"]] == ["1"]
    assert "next_page_token" not in rest
    for noun, most in ((MODELS, 1_000), (VERSIONS, 200_000)):
        for query in (
            {"max_results": most + 1},
            {"max_results": -1},
            {"max_results": "many"},
            {"page_token": "made up"},
            {"filter": "alias = 'x'"},
            {"order_by": "stage"},
        ):
            refusal = client.refusal("GET", f"{noun}search", **query)
            assert refusal == (400, "INVALID_PARAMETER_VALUE"), query


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.summary}")
def test_each_operation_asks_for_its_own_scopes(client: Client, route: Route) -> None:
    path = route.path.removeprefix("api/2.0/mlflow/")
    query = "?name=absent&version=1&alias=a" if route.method == "GET" else ""
    body = {
        "name": "absent",
        "version": "1",
        "alias": "a",
        "key": "k",
        "stage": "None",
        "new_name": "b",
        "source": f"{client.artifacts}/model",
    }
    if path.endswith("registered-models/create"):
        body["name"] = "taken"
    needed = {f"{resource}:{action}" for action, resource in route.scopes}

    def status(token: str) -> int:
        sent = None if route.method == "GET" else body
        return client.host.request(
            route.method, path + query, sent, token=token, address=DOOR
        ).status

    for scope in (f"{r}:{a}" for r in get_args(Resource) for a in get_args(Action)):
        assert (status(token_for_only(scope)) != 403) == (needed == {scope}), scope
    assert (status(VIEWER) == 403) == (route.action == "write")
