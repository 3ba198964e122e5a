"""One server for all tests of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jupyter_host import JupyterHost


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    # How often a user may ask is not the matter of these tests, which ask without pause.
    config = "c.MLOpsApp.requests_per_second = 10000\n"
    running = JupyterHost(tmp_path_factory.mktemp("server"), config=config).wait()
    yield running
    assert running.stop() == 0
