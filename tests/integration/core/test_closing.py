"""A core that closes lets go of everything, though a part of it fails; no secret stays longer."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_mlops import bootstrap
from jupyter_mlops.domain.errors import DiskFull, Unavailable
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.store import leases, runs
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


def test_a_part_that_cannot_be_closed_keeps_no_other_open(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = workspace.core._parts
    assert parts is not None
    run_id = workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    close = Dispatcher.close

    def fail(dispatcher: Dispatcher) -> None:
        close(dispatcher)
        raise OSError("it cannot be closed")

    monkeypatch.setattr(Dispatcher, "close", fail)
    with pytest.raises(OSError, match="cannot be closed"):
        workspace.core.close()
    assert parts.executor.launcher_pid is None
    with pytest.raises(Unavailable, match="closed"), parts.database.read():
        pass


def test_a_secret_is_forgotten_though_the_start_could_not_be_recorded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    keepers: list[SecretKeeper] = []

    class Kept(SecretKeeper):
        def __init__(self) -> None:
            super().__init__()
            keepers.append(self)

    failures: list[str] = []
    start = runs.start

    def fail_once(connection: Any, run_id: str, at: int) -> None:
        if not failures:
            failures.append(run_id)
            full()
        start(connection, run_id, at)

    monkeypatch.setattr(bootstrap, "SecretKeeper", Kept)
    monkeypatch.setattr(runs, "start", fail_once)
    workspace.close()
    workspace.open_core()
    path = workspace.notebook("secret.ipynb", "print(len(token))", parameters="token = ''")
    run_id = workspace.submit(path, parameters={"token": "canary-1234567890"}).run_id
    assert workspace.ended(run_id).status is RunStatus.FINISHED
    assert failures == [run_id]
    assert [keeper.run_ids() for keeper in keepers] == [[]]
