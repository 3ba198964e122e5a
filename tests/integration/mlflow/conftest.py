"""One server for all tests of the MLflow door, asked as MLflow's clients ask it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client_environments import client_python
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, Answer, JupyterHost

__all__ = ["client_python"]

_BASE = f"{BASE_URL}mlops/api/2.0/"
JSON = {"Content-Type": "application/json"}


class MlflowDoor:
    """Sends requests of MLflow's protocol to a server."""

    def __init__(self, host: JupyterHost) -> None:
        self.host = host

    def ask(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | bytes | None = None,
        /,
        *,
        token: str = OWNER,
        **query: str,
    ) -> Answer:
        """Return the answer to one request, whatever its status; ``path`` is below ``api/2.0``."""
        if query:
            path = f"{path}?{urlencode(query)}"
        headers = {} if isinstance(body, bytes) else JSON
        return self.host.request(method, path, body, token=token, headers=headers, address=_BASE)

    def tell(
        self, method: str, path: str, body: dict[str, Any] | None = None, /, **query: str
    ) -> Any:
        """Return what the tracking API answers to a request that is fine."""
        answer = self.ask(method, f"mlflow/{path}", body, **query)
        assert answer.status == 200, answer.body
        return answer.json()

    def refusal(
        self, method: str, path: str, body: dict[str, Any] | None = None, /, **query: str
    ) -> tuple[int, str, str]:
        """Return status, code and message of a refusal by the tracking API."""
        answer = self.ask(method, f"mlflow/{path}", body, **query)
        said = answer.json()
        return answer.status, said["error_code"], said["message"]

    def new_experiment(self, name: str) -> str:
        """Make an experiment and return its id."""
        made = self.tell("POST", "experiments/create", {"name": name})
        return str(made["experiment_id"])

    def new_run(self, experiment: str) -> str:
        """Make a run and return its id."""
        made = self.tell("POST", "runs/create", {"experiment_id": experiment})
        return str(made["run"]["info"]["run_id"])

    def new_model(self, experiment: str, **fields: Any) -> str:
        """Make a logged model and return its id."""
        made = self.tell("POST", "logged-models", {"experiment_id": experiment, **fields})
        return str(made["model"]["info"]["model_id"])

    def file(self, method: str, path: str, data: bytes | None = None, **more: Any) -> Answer:
        """Return the answer of the artifact proxy to a request about one file."""
        return self.ask(method, f"mlflow-artifacts/artifacts/{path}", data, **more)


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    running = JupyterHost(tmp_path_factory.mktemp("server")).wait()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="package")
def door(host: JupyterHost) -> MlflowDoor:
    return MlflowDoor(host)


@pytest.fixture
def experiment(door: MlflowDoor, request: pytest.FixtureRequest) -> str:
    """The id of an experiment of this test alone."""
    return door.new_experiment(request.node.name)
