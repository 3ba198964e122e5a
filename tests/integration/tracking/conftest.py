"""One server for the tests of kernels that people work in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost


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
