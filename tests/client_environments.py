"""Environments with MLflow's own clients in them, for the tests of several packages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packaging.environments import Environment

FULL = "mlflow==3.17.2"


@pytest.fixture(scope="session")
def client_python(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the Python of an environment with a client such as ``mlflow==3.17.2`` in it.

    It is taken from the folder ``$MLFLOW_CLIENTS/mlflow-3.17.2`` when there is one, else made.
    """
    made: dict[str, Path] = {}

    def find(client: str) -> Path:
        name = client.replace("==", "-")
        if client not in made:
            known = Path(os.environ.get("MLFLOW_CLIENTS", "/nowhere"), name, "bin", "python")
            if known.exists():
                made[client] = known
            else:
                environment = Environment(tmp_path_factory.mktemp(name), sys.executable)
                environment.install(client)
                made[client] = environment.python
        return made[client]

    return find
