"""Making runs for the tests of the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.store import experiments, runs
from jupyter_mlops.store.database import Connection, Database
from tests.integration.store.kernels import Clock

NewRun = Callable[..., str]


def insert_run(connection: Connection, **fields: Any) -> str:
    """Queue a run; fields of its row may be given, ``experiment`` is the name of one."""
    experiment_id, _ = experiments.ensure(connection, fields.pop("experiment", "Default"), 1)
    row = runs.NewRunRow(
        run_id=new_run_id(),
        experiment_id=experiment_id,
        name="train",
        source_type="notebook",
        notebook="train.ipynb",
        user="olive",
        kernel_name="python3",
        time_limit=None,
        save_to=None,
        rerun_of=None,
        source_digest=None,
        created_at=1_000,
        status=RunStatus.SCHEDULED,
        spec=None,
    )
    row = replace(row, **fields)
    runs.insert(connection, row)
    return row.run_id


@pytest.fixture
def new_run(database: Database) -> NewRun:
    """Queue a run in a transaction of its own and return its id."""

    def make(**fields: Any) -> str:
        with database.write() as connection:
            return insert_run(connection, **fields)

    return make


@pytest.fixture
def clock() -> Clock:
    """The clocks of this server, which a test may set forward."""
    return Clock()


@pytest.fixture
def tokens(database: Database, clock: Clock) -> KernelTokenService:
    """The tokens of the kernels of this server."""
    return clock.server(database)
