"""A core that closes lets go of everything, though a part of it fails; no secret stays longer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from jupyter_mlops.bootstrap import Adapters
from jupyter_mlops.domain.errors import DiskFull, Unavailable
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.store import leases
from jupyter_mlops.store.database import Connection, Database
from tests.workspace import Workspace


def full(*_: Any) -> None:
    """Fail as a store does whose disk is full."""
    raise DiskFull("No room is left on the disk.")


def test_leases_that_cannot_be_given_back_keep_nothing_open(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    parts = workspace.core._parts
    assert parts is not None
    run_id = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    with monkeypatch.context() as patch:
        patch.setattr(leases, "release", full)
        patch.setattr(leases, "release_all", full)
        workspace.close()
    assert [item.getMessage() for item in caplog.records] == [
        "places of runs are left to expire: No room is left on the disk.",
        "leases are left to expire: No room is left on the disk.",
    ]
    with pytest.raises(Unavailable, match="closed"), parts.database.write():
        pass


class Clinging(LocalExecutor):
    """Cannot be closed without an error."""

    def close(self) -> None:
        super().close()
        raise OSError("it cannot be closed")


def test_a_part_that_cannot_be_closed_keeps_no_other_open(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, adapters=Adapters(executor=Clinging))
    parts = workspace.core._parts
    assert parts is not None
    run_id = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    with pytest.raises(OSError, match="cannot be closed"):
        workspace.core.close()
    assert parts.executor.launcher_pid is None
    with pytest.raises(Unavailable, match="closed"), parts.database.read():
        pass


class FullAtStart(Database):
    """Has no room for the first change after a launch, in the thread that made it."""

    launched: ClassVar[dict[int, str]] = {}
    failures: ClassVar[list[str]] = []

    @contextmanager
    def write(self, *, clean_up: bool = False) -> Iterator[Connection]:
        run_id = self.launched.pop(threading.get_ident(), None)
        if run_id is not None and not self.failures:
            self.failures.append(run_id)
            full()
        with super().write(clean_up=clean_up) as connection:
            yield connection


class Telling(LocalExecutor):
    """Tells that store of a launch."""

    def launch(self, spec: RunSpec, *rest: Any) -> None:
        super().launch(spec, *rest)
        FullAtStart.launched[threading.get_ident()] = spec.run_id


def test_a_secret_is_forgotten_though_the_start_could_not_be_recorded(tmp_path: Path) -> None:
    keepers: list[SecretKeeper] = []

    def keeper() -> SecretKeeper:
        keepers.append(SecretKeeper())
        return keepers[-1]

    adapters = Adapters(database=FullAtStart.open, executor=Telling, secrets=keeper)
    workspace = Workspace(tmp_path, adapters=adapters)
    path = workspace.notebook("secret.ipynb", "print(len(token))", parameters="token = ''")
    run_id = workspace.submit(path, parameters={"token": "canary-1234567890"}).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    assert FullAtStart.failures == [run_id]
    assert [keeper.run_ids() for keeper in keepers] == [[]]
    workspace.close()
