"""A site with a server for the whole package, and fresh ones without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli_site import Site

LOGGING = """
from jupyter_mlops import log_metric, log_text
for step in range(steps):
    print("step", step)
    log_metric("loss", alpha / (step + 1), step)
log_text("done", "notes.txt")
"""


def fill(site: Site) -> Site:
    """Write the notebooks that the commands are tried on."""
    site.notebook("train.ipynb", "alpha = 0.5  # learning rate\nsteps = 2\nlabel = 'x'", LOGGING)
    site.notebook("deep/my notes é.ipynb", "alpha = 0.5\nsteps = 2", LOGGING)
    site.notebook("fail.ipynb", "x = 1", "raise ValueError('bad \\x1b]0;data')")
    site.notebook("long.ipynb", "seconds = 60", "import time\ntime.sleep(seconds)")
    return site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    served = fill(Site(tmp_path_factory.mktemp("site"), serve=True))
    yield served
    served.close()


@pytest.fixture
def quiet_site(tmp_path: Path) -> Site:
    """A site where no server runs."""
    return fill(Site(tmp_path, serve=False))
