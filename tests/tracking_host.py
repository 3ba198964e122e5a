"""A server whose kernels and runs log to it by themselves, with a look at what they logged."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

import nbformat

from jupyter_mlops.server.kernel_provisioner import NAME
from tests.jupyter_host import BASE_URL, JupyterHost
from tests.workspace import until


class TrackingHost(JupyterHost):
    """Runs notebooks, and knows what became of runs and of tokens."""

    def wait(self) -> JupyterHost:
        """Return once the server answers; its kernels need what an installation brings."""
        installed = entry_points(group="jupyter_client.kernel_provisioners", name=NAME)
        assert installed, "This installation lacks an entry point; `make test-python` renews it."
        return super().wait()

    def submit(self, path: str, *cells: str, **fields: Any) -> str:
        """Queue a run of a notebook of these cells; return its id."""
        made = [nbformat.v4.new_code_cell(source) for source in cells]
        spec = {"name": "python3", "display_name": "", "language": "python"}
        book = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": spec})
        nbformat.write(book, self.root / path)
        answer = self.request("POST", "runs", {"notebook": path, **fields})
        assert answer.status == 202, answer.body
        return str(answer.json()["run_id"])

    def printed(self, run_id: str) -> list[str]:
        """Return the words that the cells of an ended run printed."""
        book = nbformat.reads(self.request("GET", f"runs/{run_id}/notebook").body.decode(), 4)
        outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
        return "".join(each.get("text", "") for each in outputs).split()

    def run(self, run_id: str) -> Any:
        """Return a run as it stands."""
        answer = self.request("GET", f"runs/{run_id}")
        assert answer.status == 200, answer.body
        return answer.json()

    def ended(self, run_id: str) -> tuple[str, str | None, str | None]:
        """Wait until a run has ended; return how."""
        run = until(
            lambda: run if (run := self.run(run_id))["ended_at"] is not None else None,
            f"the end of run {run_id}",
        )
        return run["status"], run["reason"], run["message"]

    def asked_with(self, token: str) -> int:
        """Return the status of what the tracking door answers to a token."""
        return self.request(
            "GET",
            "experiments/get?experiment_id=0",
            token=None,
            headers={"Authorization": f"Bearer {token}"},
            address=f"{BASE_URL}mlops/api/2.0/mlflow/",
        ).status

    def tags(self, run_id: str) -> dict[str, str]:
        """Return the tags of a run."""
        return {tag["key"]: tag["value"] for tag in self.run(run_id)["tags"]}
