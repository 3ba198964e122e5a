"""Two servers, and the command line beside the first: what is carried comes here, and goes there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli_site import Done, Site
from tests.client_environments import client_python
from tests.file_store import CORPUS
from tests.identities import OWNER
from tests.jupyter_host import BASE_URL
from tests.tracking_snapshot import Reader, snapshot

__all__ = ["client_python"]


@dataclass
class End:
    """A server with a command line beside it."""

    site: Site

    @property
    def url(self) -> str:
        """What clients of MLflow call its tracking URI."""
        assert self.site.host is not None
        return f"http://{self.site.host.netloc}{BASE_URL}mlops"

    @property
    def reader(self) -> Reader:
        """What asks it as MLflow's clients do."""
        return Reader(self.url, OWNER)

    def holds(self, *experiments: str) -> dict[str, Any]:
        """Return what it holds, by names."""
        return snapshot(self.reader, *experiments)

    def carries(self, *arguments: str, **environment: str) -> tuple[Done, Any]:
        """Run a command that carries; return how it ended and what its report says."""
        done = self.site.mlops(
            *arguments, "--json", **{"MLFLOW_TRACKING_TOKEN": OWNER, **environment}
        )
        return done, json.loads(done.output) if done.output else None


@pytest.fixture(scope="package")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[End]:
    site = Site(tmp_path_factory.mktemp("here"), serve=True)
    yield End(site)
    site.close()


@pytest.fixture(scope="package")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[End]:
    site = Site(tmp_path_factory.mktemp("there"), serve=True)
    yield End(site)
    site.close()


@pytest.fixture(scope="package")
def imported(here: End) -> Any:
    """The report on the import of a folder that MLflow's client wrote."""
    done, report = here.carries("import", "--from", str(CORPUS))
    assert done.code == 0, done.told
    return report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mlruns"
