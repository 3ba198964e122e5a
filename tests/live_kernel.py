"""A kernel that somebody works in: started by the server's own API, spoken to over its sockets."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient

from jupyter_mlops.process_identity import process_started
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL, Answer, JupyterHost
from tests.workspace import until

READY_SECONDS = 60


class LiveKernel:
    """The kernel of the notebook ``path``, which is made; without one, a kernel of no session."""

    def __init__(
        self,
        host: JupyterHost,
        path: str | None = "n.ipynb",
        *,
        kernel_name: str = "python3",
        token: str = OWNER,
    ) -> None:
        self.host = host
        self.token = token
        self.session_id: str | None = None
        if path is None:
            started = self._ask("POST", "api/kernels", {"name": kernel_name})
            self.id = str(started.json()["id"])
        else:
            file = host.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(nbformat.v4.new_notebook(), file)
            session = {"path": path, "name": file.name, "type": "notebook"}
            started = self._ask(
                "POST", "api/sessions", {**session, "kernel": {"name": kernel_name}}
            )
            self.session_id = str(started.json()["id"])
            self.id = str(started.json()["kernel"]["id"])
        assert started.status == 201, started.body
        self._client: BlockingKernelClient | None = None

    @property
    def connection_file(self) -> Path:
        return self.host.root.parent / "runtime" / f"kernel-{self.id}.json"

    def run(self, code: str) -> str:
        """Run a cell; return what it printed. A cell that fails fails the test."""
        printed: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            printed.append(content.get("text", "") + "\n".join(content.get("traceback", [])))

        reply = self.client.execute_interactive(
            code, allow_stdin=False, output_hook=take, timeout=READY_SECONDS
        )
        assert reply["content"]["status"] == "ok", "".join(printed)
        return "".join(printed)

    @property
    def client(self) -> BlockingKernelClient:
        """A connection to the kernel, which listens by then."""
        if self._client is None:
            self._client = BlockingKernelClient(connection_file=str(self.connection_file))
            self._client.load_connection_file()
            self._client.start_channels(hb=False)
            self._client.wait_for_ready(timeout=READY_SECONDS)
        return self._client

    def environment(self, prefix: str = "MLFLOW_") -> dict[str, str]:
        """Return the variables of the kernel whose names begin so."""
        code = "import os, json; print(json.dumps(dict(os.environ)))"
        seen = json.loads(self.run(code))
        return {name: text for name, text in seen.items() if name.startswith(prefix)}

    def restart(self) -> None:
        """Restart as a user does."""
        self.disconnect()
        answer = self._ask("POST", f"api/kernels/{self.id}/restart", {})
        assert answer.status == 200, answer.body

    def shut_down(self) -> None:
        """Shut down as a user does."""
        self.disconnect()
        answer = self._ask("DELETE", f"api/kernels/{self.id}")
        assert answer.status == 204, answer.body

    def die(self) -> None:
        """Die as by a fault in compiled code, or of a lack of memory."""
        pid = int(self.run("import os; print(os.getpid())"))
        self.disconnect()
        os.kill(pid, signal.SIGKILL)
        until(lambda: process_started(pid) is None, "the death of the kernel")

    def rename(self, path: str) -> None:
        """Rename the notebook as JupyterLab does: the file, then the session."""
        before = self._ask("GET", f"api/sessions/{self.session_id}").json()["path"]
        (self.host.root / path).parent.mkdir(parents=True, exist_ok=True)
        moved = self._ask("PATCH", f"api/contents/{before}", {"path": path})
        assert moved.status == 200, moved.body
        name = path.rpartition("/")[2]
        told = self._ask("PATCH", f"api/sessions/{self.session_id}", {"path": path, "name": name})
        assert told.status == 200, told.body

    def disconnect(self) -> None:
        """Close the connection, if there is one."""
        client, self._client = self._client, None
        if client is not None:
            client.stop_channels()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        return self.host.request(method, path, body, token=self.token, address=BASE_URL)

    def __enter__(self) -> LiveKernel:
        return self

    def __exit__(self, *error: object) -> None:
        self.disconnect()
        self._ask("DELETE", f"api/kernels/{self.id}")
