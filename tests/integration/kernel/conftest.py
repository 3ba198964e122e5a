"""A server, and real kernels beside it as a user's notebook has them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.manager import KernelManager

from tests.cli_site import Site

LOGGING = """
from jupyter_mlops import log_metric
for step in range(steps):
    log_metric("loss", alpha / (step + 1), step)
"""


class Kernel:
    """A kernel in the root folder of a site; what cells print and return comes back."""

    def __init__(self, site: Site, **environment: str) -> None:
        # Sockets of a file system, in a short path: a busy machine runs out of free ports.
        self._sockets = tempfile.TemporaryDirectory()
        self.manager = KernelManager(
            kernel_name="python3", transport="ipc", ip=f"{self._sockets.name}/s"
        )
        self.manager.start_kernel(env=site.environment(**environment), cwd=str(site.root))
        self.client = self.manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=60)
        except RuntimeError:
            self.close()
            raise

    def execute(self, code: str) -> Shown:
        shown = Shown()
        reply = self.client.execute_interactive(code, timeout=60, output_hook=shown.add)
        shown.ok = reply["content"]["status"] == "ok"
        return shown

    def completions(self, code: str) -> list[str]:
        reply = self.client.complete(code, reply=True, timeout=30)
        matches: list[str] = reply["content"]["matches"]
        return matches

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        self._sockets.cleanup()


class Shown:
    """The outputs of a cell."""

    def __init__(self) -> None:
        self.ok = False
        self.printed = ""
        self.errors = ""
        self.result: dict[str, str] = {}

    def add(self, message: dict[str, Any]) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            if content["name"] == "stdout":
                self.printed += content["text"]
            else:
                self.errors += content["text"]
        elif message["msg_type"] == "execute_result":
            self.result = content["data"]


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    served = Site(tmp_path_factory.mktemp("site"), serve=True)
    served.notebook("train.ipynb", "alpha = 0.5\nsteps = 2", LOGGING)
    served.notebook("deep/two words.ipynb", "beta = 1", "beta")
    yield served
    served.close()


@pytest.fixture
def kernel(site: Site) -> Iterator[Kernel]:
    """Start a kernel that, as a server would tell it, knows the path of its notebook."""
    started = Kernel(site, JPY_SESSION_NAME=str(site.root / "deep" / "notes.ipynb"))
    yield started
    started.close()


@pytest.fixture
def lonely_kernel(tmp_path: Path) -> Iterator[Kernel]:
    """Start a kernel where no server runs."""
    started = Kernel(Site(tmp_path, serve=False))
    yield started
    started.close()
