"""One server for the tests of the host, with one finished run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.finished_run import finished_run
from tests.jupyter_host import JupyterHost


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    # How often a user may ask is the matter of one test, which has a server of its own.
    config = "c.MLOpsApp.requests_per_second = 10000\n"
    running = JupyterHost(tmp_path_factory.mktemp("server"), config=config).wait()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="package")
def run_id(host: JupyterHost) -> str:
    """Return the id of a finished run."""
    return finished_run(host)
