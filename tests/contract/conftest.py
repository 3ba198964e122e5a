"""One server for all tests of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jupyter_host import JupyterHost


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterHost]:
    running = JupyterHost(tmp_path_factory.mktemp("server")).wait()
    # So that asking for it again is a conflict, whichever test comes first.
    assert running.request("POST", "experiments", {"name": "Default"}).status == 201
    yield running
    assert running.stop() == 0
