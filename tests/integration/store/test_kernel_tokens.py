"""Tokens of kernels: worthless when the kernel ends, and what it left open ends with it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.client_runs import LoggedBatch, NewClientRun, Report
from jupyter_mlops.domain.errors import Conflict, Forbidden, Unauthenticated
from jupyter_mlops.domain.kernel_tokens import KernelEnd
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.services.client_runs import ClientRunService
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.store import runs, trash
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.run_keys import seq_of
from tests.integration.store.conftest import NewRun
from tests.integration.store.kernels import OLIVE, Clock, ends_told, open_run, refused, run_of


def test_a_token_tells_whose_kernel_asks_and_where_it_works(tokens: KernelTokenService) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", "lab/train.ipynb")
    actor = tokens.resolve(token)
    assert (actor.user, actor.display_name) == ("olive", "olive")
    assert actor.kernel is not None
    assert (actor.kernel.kernel_id, actor.kernel.run_id) == ("k1", None)
    assert actor.kernel.notebook == "lab/train.ipynb"


def test_a_token_may_track_and_nothing_else(tokens: KernelTokenService) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    assert actor.may("write", "mlops:runs")
    assert actor.may("write", "mlops:models")
    assert {scope for scope in actor.scopes if scope.endswith(":execute")} == set()
    assert not actor.may("write", "mlops:server")
    assert not actor.may("read", "mlops:notebooks")


def test_a_token_is_random_and_known_by_its_hash_only(
    database: Database, tokens: KernelTokenService
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    assert re.fullmatch(r"jmk_[A-Za-z0-9_-]{43}", token)
    assert token != tokens.issue_for_kernel(OLIVE, "k2", None)
    with database.read() as connection:
        stored = connection.execute(text("SELECT * FROM kernel_tokens")).all()
    assert token not in repr(stored)
    assert token.removeprefix("jmk_") not in repr(stored)


def test_who_may_not_write_runs_gets_no_token(tokens: KernelTokenService) -> None:
    reader = Actor(user="rita", display_name="Rita", scopes=frozenset({"mlops:runs:read"}))
    with pytest.raises(Forbidden):
        tokens.issue_for_kernel(reader, "k1", None)


@pytest.mark.parametrize("text", ["", "jmk_", "jmk_" + "a" * 43, "secret", "jmk_\udcff\x00"])
def test_a_made_up_token_is_refused(tokens: KernelTokenService, text: str) -> None:
    assert refused(tokens, text)


def test_a_token_is_worthless_once_its_kernel_ended(tokens: KernelTokenService) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    other = tokens.issue_for_kernel(OLIVE, "k2", None)
    tokens.end_kernel("k1", KernelEnd.SHUT_DOWN)
    assert refused(tokens, token)
    assert not refused(tokens, other)


def test_a_token_expires_unless_its_server_renews_it(
    tokens: KernelTokenService, clock: Clock
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    other = tokens.issue_for_kernel(OLIVE, "k2", None)
    clock.pass_by(20)
    tokens.renew(["k1"])
    clock.pass_by(5)
    assert not refused(tokens, token)
    assert refused(tokens, other)


def test_a_server_cannot_renew_the_kernels_of_another(
    database: Database, tokens: KernelTokenService, clock: Clock
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    clock.pass_by(20)
    clock.server(database).renew(["k1"])
    clock.pass_by(5)
    assert refused(tokens, token)


def test_a_kernel_follows_its_notebook_when_that_is_renamed(tokens: KernelTokenService) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", "Untitled.ipynb")
    tokens.move("k1", "lab/train.ipynb")
    kernel = tokens.resolve(token).kernel
    assert kernel is not None
    assert kernel.notebook == "lab/train.ipynb"


@pytest.mark.parametrize(
    ("end", "status", "reason", "message"),
    [
        (
            KernelEnd.SHUT_DOWN,
            RunStatus.KILLED,
            Reason.CANCELLED,
            "The kernel was shut down while this run was open.",
        ),
        (
            KernelEnd.DIED,
            RunStatus.FAILED,
            Reason.KERNEL_DIED,
            "The kernel died while this run was open.",
        ),
    ],
)
def test_what_a_kernel_left_open_ends_with_it(
    database: Database,
    tokens: KernelTokenService,
    new_run: NewRun,
    end: KernelEnd,
    status: RunStatus,
    reason: Reason,
    message: str,
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    other = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k2", None))
    left, elsewhere = (open_run(database, new_run, each) for each in (actor, other))
    tokens.end_kernel("k1", end)
    run = run_of(database, left)
    assert (run.status, run.reason, run.message) == (status, reason, message)
    assert run.ended_at is not None
    assert run.duration_ms == run.ended_at - 2_000
    assert ends_told(database, left) == 1
    assert run_of(database, elsewhere).status is RunStatus.RUNNING


def test_a_run_that_was_ended_properly_stays_so_when_its_kernel_ends(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    run_id = open_run(database, new_run, actor)
    with database.write() as connection:
        runs.report(connection, run_id, status=RunStatus.FINISHED, reason=None, ended_at=3_000)
    tokens.end_kernel("k1", KernelEnd.DIED)
    assert run_of(database, run_id).status is RunStatus.FINISHED
    assert ends_told(database, run_id) == 0


def test_a_kernel_that_starts_anew_under_its_id_leaves_nothing_of_the_old_one(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    before = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(before))
    now = tokens.issue_for_kernel(OLIVE, "k1", None)
    assert refused(tokens, before)
    assert not refused(tokens, now)
    assert run_of(database, run_id).reason is Reason.LOST


def test_the_token_of_a_tracked_run_is_good_while_the_run_is_active(
    database: Database, tokens: KernelTokenService, new_run: NewRun, clock: Clock
) -> None:
    run_id = new_run(notebook="lab/train.ipynb")
    token = tokens.issue_for_run(run_id, "olive")
    with database.write() as connection:
        runs.start(connection, run_id, 2_000)
    clock.pass_by(72)
    kernel = tokens.resolve(token).kernel
    assert kernel is not None
    assert (kernel.run_id, kernel.notebook) == (run_id, "lab/train.ipynb")
    with database.write() as connection:
        runs.end(
            connection,
            run_id,
            status=RunStatus.FINISHED,
            reason=None,
            message=None,
            ended_at=3_000,
        )
    assert refused(tokens, token)
    with pytest.raises(Conflict):
        tokens.issue_for_run(run_id, "olive")


def test_a_tracked_run_that_ended_takes_along_what_its_notebook_left_open(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    run_id = new_run()
    child = open_run(database, new_run, tokens.resolve(tokens.issue_for_run(run_id, "olive")))
    tokens.sweep()
    assert run_of(database, child).status is RunStatus.RUNNING
    with database.write() as connection:
        runs.end(
            connection,
            run_id,
            status=RunStatus.FAILED,
            reason=Reason.TIME_LIMIT,
            message="It took too long.",
            ended_at=3_000,
        )
    tokens.sweep()
    run = run_of(database, child)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.TIME_LIMIT)
    assert ends_told(database, child) == 1


def test_a_kernel_that_ends_while_it_asks_opens_nothing_more(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    actor = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    closed = open_run(database, new_run, actor)
    tokens.end_kernel("k1", KernelEnd.SHUT_DOWN)
    service = ClientRunService(database)
    new = NewClientRun(experiment_id=0, started_at=None, first=LoggedBatch())
    with pytest.raises(Unauthenticated):
        service.create(actor, new)
    with pytest.raises(Unauthenticated):
        service.report(actor, closed, Report(status=RunStatus.RUNNING))
    with database.read() as connection:
        assert runs.count(connection) == 1
    assert run_of(database, closed).status is RunStatus.KILLED


def test_a_run_that_was_started_twice_is_the_first_one_of_its_notebook_once(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    run_id = new_run()
    service = ClientRunService(database)
    new = NewClientRun(experiment_id=0, started_at=None, first=LoggedBatch())
    made = [
        service.create(tokens.resolve(tokens.issue_for_run(run_id, "olive")), new).run_id
        for _ in range(2)
    ]
    assert made[0] == run_id
    assert made[1] != run_id
    # Its processes live, whether that is recorded already or not.
    assert run_of(database, run_id).status is RunStatus.RUNNING


def kept(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(text("SELECT kernel_id FROM kernel_tokens ORDER BY seq")))


def test_a_token_is_forgotten_when_its_kernel_and_all_runs_of_it_are_gone(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    used = tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None))
    made = [open_run(database, new_run, used) for _ in range(2)]
    for kernel_id in ("k2", "k3"):
        tokens.issue_for_kernel(OLIVE, kernel_id, None)
    for kernel_id in ("k1", "k2"):
        tokens.end_kernel(kernel_id, KernelEnd.SHUT_DOWN)
    assert kept(database) == ["k1", "k3"]
    for run_id, left in zip(made, (["k1", "k3"], ["k3"]), strict=True):
        with database.write() as connection:
            trash.purge(connection, seq_of(connection, run_id))
        assert kept(database) == left


def test_a_living_kernel_keeps_its_token_when_its_runs_are_purged(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(token))
    with database.write() as connection:
        trash.purge(connection, seq_of(connection, run_id))
    assert not refused(tokens, token)
