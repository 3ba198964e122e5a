"""One server for the tests of kernels that people work in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jupyter_mlops.secret_forms import TOKEN_PREFIX
from tests.live_kernel import LiveKernel
from tests.tracking_host import TrackingHost


@pytest.fixture(scope="package")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingHost]:
    """A server that keeps no token of any kernel, in a file or its log."""
    running = TrackingHost(tmp_path_factory.mktemp("server"))
    running.wait()
    yield running
    assert running.stop() == 0
    assert TOKEN_PREFIX not in running.log
    kept = [path for path in running.home.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if TOKEN_PREFIX.encode() in path.read_bytes()] == []


@pytest.fixture
def kernel(host: TrackingHost, request: pytest.FixtureRequest) -> Iterator[LiveKernel]:
    """A kernel of a notebook that is named like the test."""
    with LiveKernel(host, f"dir/{request.node.name}.ipynb") as made:
        yield made
