"""One server for the tests of kernels that people work in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.jupyter_host import JupyterHost
from tests.live_kernel import LiveKernel
from tests.workspace import until


class TrackingHost(JupyterHost):
    """A server, with a look at what its kernels logged."""

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
            address="/a%40b/mlops/api/2.0/mlflow/",
        ).status


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingHost]:
    running = TrackingHost(tmp_path_factory.mktemp("server"))
    running.wait()
    yield running
    assert running.stop() == 0


@pytest.fixture
def kernel(host: TrackingHost, request: pytest.FixtureRequest) -> Iterator[LiveKernel]:
    """A kernel of a notebook that is named like the test."""
    with LiveKernel(host, f"dir/{request.node.name}.ipynb") as made:
        yield made
