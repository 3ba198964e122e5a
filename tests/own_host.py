"""A server as people have it on their own machines: one token, and everything allowed with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.jupyter_host import BASE_URL, Answer, JupyterHost
from tests.mlflow_door import ADDRESS, TRACKING
from tests.workspace import until

TOKEN = "a-token-of-the-server"
OWN = f"""
c.ServerApp.identity_provider_class = "jupyter_server.auth.identity.PasswordIdentityProvider"
c.ServerApp.authorizer_class = "jupyter_server.auth.authorizer.AllowAllAuthorizer"
c.IdentityProvider.token = "{TOKEN}"
"""
# Tells in the log of the server which way each request went.
WATCHED = """
from jupyter_mlops.server.shortcut import Shortcut
_find = Shortcut.find
def _watched(self, request, path):
    found = _find(self, request, path)
    print("usual way" if found is None else "shortcut", request.method, request.path, flush=True)
    return found
Shortcut.find = _watched
"""


class OwnHost(JupyterHost):
    """A server as people have it on their own machines, that tells which way requests went."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, config=OWN + WATCHED)
        until(self._answers, "the server")

    def _answers(self) -> bool:
        try:
            return self.ask("GET", f"{TRACKING}experiments/get?experiment_id=0").status == 200
        except OSError:
            return False

    def ask(
        self, method: str, path: str, data: bytes | None = None, token: str = TOKEN, **headers: str
    ) -> Answer:
        """Ask the MLflow door as a program does."""
        own = {"Authorization": f"Bearer {token}"}
        if data is not None:
            own["Content-Type"] = "application/json"
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.request(method, path, data, token=None, headers=own | named, address=ADDRESS)

    def post(self, path: str, **fields: Any) -> Answer:
        return self.ask("POST", path, json.dumps(fields).encode())

    def ways(self, of: str) -> list[str]:
        """Return by which ways requests to an address went, in their order."""
        lines = [line.rsplit(" ", 2) for line in self.log.splitlines() if line.count(" ") >= 2]
        return [way for way, _, path in lines if path == of and way in ("shortcut", "usual way")]

    def last_activity(self) -> str:
        answer = self.request(
            "GET", "status", token=None, headers=bearer(), address=f"{BASE_URL}api/"
        )
        return str(answer.json()["last_activity"])


def bearer(token: str = TOKEN) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
