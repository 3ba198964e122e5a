"""MLflow's protocol spoken to a test server, as its clients do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from tests.jupyter_host import BASE_URL, Answer, JupyterHost

ADDRESS = f"{BASE_URL}mlops/"
TRACKING = "api/2.0/mlflow/"
FILES = "api/2.0/mlflow-artifacts/artifacts"


@dataclass(frozen=True)
class MlflowDoor:
    """The MLflow door of ``host``; paths are below the tracking API."""

    host: JupyterHost

    def get(self, path: str, /, **fields: Any) -> Answer:
        """Ask for something."""
        query = urlencode(fields, doseq=True)
        return self.host.request("GET", f"{TRACKING}{path}?{query}", address=ADDRESS)

    def post(self, path: str, /, **fields: Any) -> Answer:
        """Change or search something."""
        return self.send("POST", TRACKING + path, json.dumps(fields).encode())

    def send(self, method: str, path: str, data: bytes, **headers: str) -> Answer:
        """Send a body as it is, to a path below the prefix of the door."""
        own = {"Content-Type": "application/json"}
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.host.request(method, path, data, headers=own | named, address=ADDRESS)

    def new_run(self, experiment_id: str = "0") -> str:
        """Open a run and return its id."""
        answer = self.post("runs/create", experiment_id=experiment_id, start_time=1)
        assert answer.status == 200, answer
        return str(answer.json()["run"]["info"]["run_id"])

    def file(
        self, method: str, run_id: str, path: str, data: bytes | None = None, **headers: str
    ) -> Answer:
        """Store, read or remove a file of a run."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.host.request(
            method, file_address(run_id, path), data, headers=named, address=ADDRESS
        )

    def listed(self, run_id: str, path: str = "") -> list[dict[str, Any]]:
        """Return what is right below a folder of a run."""
        answer = self.get("artifacts/list", run_id=run_id, path=path)
        assert answer.status == 200, answer
        return list(answer.json().get("files", []))


def file_address(run_id: str, path: str) -> str:
    """Return the address of a file of a run in experiment 0, below the prefix of the door."""
    return f"{FILES}/0/{run_id}/artifacts/{quote(path)}"


def check_refusal(answer: Answer, *statuses: int) -> dict[str, str]:
    """Check that an answer is a refusal in MLflow's shape that a browser takes for nothing else.

    Any 4xx is one unless ``statuses`` are named. Returns what it says.
    """
    assert answer.status in (statuses or range(400, 500)), answer
    assert answer.headers["content-type"] == "application/json", answer
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    refusal: dict[str, str] = answer.json()
    assert set(refusal) == {"error_code", "message"}
    assert all(refusal.values())
    return refusal
