"""A logged model that waits for the files of a kernel that has ended waits no more."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.domain.logged_models import LoggedModelStatus, NewLoggedModel
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.logged_models import LoggedModelService
from jupyter_mlops.store import events, runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun
from tests.integration.store.kernels import OLIVE, open_run


def make(database: Database, actor: Actor, run_id: str | None) -> str:
    """Make a model that waits for its files."""
    new = NewLoggedModel(experiment_id=0, name="model", source_run_id=run_id)
    return LoggedModelService(database).create(actor, new).model_id


def finalize(database: Database, actor: Actor, model_id: str, status: LoggedModelStatus) -> None:
    LoggedModelService(database).finalize(actor, model_id, status)


def status_of(database: Database, model_id: str) -> LoggedModelStatus:
    return LoggedModelService(database).get(OLIVE, model_id).status


def changes_told(database: Database, model_id: str) -> int:
    with database.read() as connection:
        page = events.after(connection, 0, 1_000).events
    kind = EventType.LOGGED_MODEL_CHANGED
    return sum(each.type is kind and each.subject == model_id for each in page)


@pytest.mark.parametrize("end", list(KernelEnd))
def test_a_model_that_waits_for_files_fails_with_its_kernel(
    database: Database, tokens: KernelTokenService, new_run: NewRun, end: KernelEnd
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    model = make(database, actor, open_run(database, new_run, actor))
    tokens.end_kernel("k1", end)
    assert status_of(database, model) is LoggedModelStatus.FAILED
    assert changes_told(database, model) == 1
    # Once is enough.
    tokens.end_kernel("k1", end)
    tokens.sweep()
    assert changes_told(database, model) == 1


def test_a_model_waits_no_more_though_its_run_was_ended_by_its_client(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    run_id = open_run(database, new_run, actor)
    model = make(database, actor, run_id)
    with database.write() as connection:
        runs.report(connection, run_id, status=RunStatus.FINISHED, reason=None, ended_at=3_000)
    tokens.end_kernel("k1", KernelEnd.DIED)
    assert status_of(database, model) is LoggedModelStatus.FAILED


def test_models_that_have_their_files_or_are_of_others_stay_as_they_are(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    other = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k2", None))
    run_id = open_run(database, new_run, actor)
    ready = make(database, actor, run_id)
    finalize(database, actor, ready, LoggedModelStatus.READY)
    waiting = [
        make(database, other, open_run(database, new_run, other)),
        make(database, OLIVE, new_run()),
    ]
    tokens.end_kernel("k1", KernelEnd.DIED)
    assert status_of(database, ready) is LoggedModelStatus.READY
    for model in waiting:
        assert status_of(database, model) is LoggedModelStatus.PENDING


def test_models_of_a_tracked_run_fail_once_it_has_ended(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    tracked = new_run()
    actor = tokens.resolve(tokens.issue_for_run(tracked, "olive"))
    model = make(database, actor, open_run(database, new_run, actor))
    tokens.sweep()
    assert status_of(database, model) is LoggedModelStatus.PENDING
    with database.write() as connection:
        runs.end(
            connection,
            tracked,
            status=RunStatus.FAILED,
            reason=Reason.KERNEL_DIED,
            message=None,
            ended_at=3_000,
        )
    tokens.sweep()
    assert status_of(database, model) is LoggedModelStatus.FAILED


def test_a_kernel_that_was_only_taken_for_lost_may_finish_its_model(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    model = make(database, actor, open_run(database, new_run, actor))
    tokens.end_kernel("k1", KernelEnd.LOST)
    finalize(database, OLIVE, model, LoggedModelStatus.READY)
    assert status_of(database, model) is LoggedModelStatus.READY
