"""What the kernels of a server left open that is gone is lost; a server that lives keeps its own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.process_identity import machine
from jupyter_mlops.services import owners
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.kernel_servers import SILENCE_SECONDS
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.leadership import LEASE_MS
from jupyter_mlops.store import leases
from jupyter_mlops.store.database import Database
from tests.claimed_run import dispatcher
from tests.integration.store.conftest import NewRun
from tests.integration.store.kernels import (
    OLIVE,
    Clock,
    ends_told,
    open_run,
    refused,
    run_of,
)


def of_dead_server(database: Database, server: str) -> None:
    """Make all tokens those of another server."""
    with database.write() as connection:
        connection.execute(text("UPDATE kernel_tokens SET server = :server"), {"server": server})


def test_a_kernel_that_slept_with_its_machine_goes_on_to_track(
    database: Database, tokens: KernelTokenService, new_run: NewRun, clock: Clock
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(token))
    clock.sleep(100)
    tokens.sweep()
    assert not refused(tokens, token)
    assert run_of(database, run_id).status is RunStatus.RUNNING
    assert refused(clock.server(database), token)


def test_what_is_left_open_by_a_server_that_is_gone_is_lost(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(token))
    tokens.sweep()
    assert run_of(database, run_id).status is RunStatus.RUNNING
    here, _, _, rest = owners.new_server("").split("/", 3)
    of_dead_server(database, f"{here}/999999999/1.0/{rest}")
    tokens.sweep()
    run = run_of(database, run_id)
    assert (run.status, run.reason) == (RunStatus.FAILED, Reason.LOST)
    assert refused(tokens, token)
    assert ends_told(database, run_id) == 1


def test_what_is_left_open_by_a_machine_that_was_restarted_is_lost(
    database: Database, tokens: KernelTokenService, new_run: NewRun
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(token))
    _, rest = owners.new_server("").split("/", 1)
    of_dead_server(database, f"an-earlier-boot:1/{rest}")
    tokens.sweep()
    assert run_of(database, run_id).reason is Reason.LOST


def in_another_container(home_id: str = "") -> str:
    """Return the name of a server on this machine whose processes cannot be seen from here."""
    boot = owners.new_owner().partition(":")[0]
    return f"{boot}:1/7/1.0/abcd/{home_id}/{machine()}"


def tell_alive(database: Database, server: str, clock: Clock) -> None:
    with database.write() as connection:
        leases.acquire(connection, f"kernels:{server}", server, clock.now(), LEASE_MS)


def test_a_server_out_of_sight_has_its_kernels_while_it_tells_that_it_lives(
    database: Database, tokens: KernelTokenService, new_run: NewRun, clock: Clock
) -> None:
    token = tokens.issue_for_kernel(OLIVE, "k1", None)
    run_id = open_run(database, new_run, tokens.resolve(token))
    server = in_another_container()
    of_dead_server(database, server)
    for _ in range(10):
        tokens.sweep()
        clock.pass_by(seconds=SILENCE_SECONDS - 1)
        tell_alive(database, server, clock)
    tokens.sweep()
    assert run_of(database, run_id).status is RunStatus.RUNNING
    for seconds in (LEASE_MS / 1_000, SILENCE_SECONDS):
        clock.pass_by(seconds=seconds)
        tokens.sweep()
    assert run_of(database, run_id).reason is Reason.LOST
    assert refused(tokens, token)


def test_a_server_that_slept_beside_this_one_has_time_to_tell_that_it_lives(
    database: Database, tokens: KernelTokenService, new_run: NewRun, clock: Clock
) -> None:
    run_id = open_run(database, new_run, tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None)))
    server = in_another_container()
    of_dead_server(database, server)
    tell_alive(database, server, clock)
    tokens.sweep()
    clock.sleep(9)
    tokens.sweep()
    tell_alive(database, server, clock)
    clock.pass_by(seconds=5)
    tokens.sweep()
    assert run_of(database, run_id).status is RunStatus.RUNNING


def test_a_server_of_another_home_is_judged_by_its_token_alone(
    database: Database, tokens: KernelTokenService, new_run: NewRun, clock: Clock
) -> None:
    run_id = open_run(database, new_run, tokens.resolve(tokens.issue_for_kernel(OLIVE, "k1", None)))
    of_dead_server(database, in_another_container("another home"))
    for _ in range(2):
        tokens.sweep()
        clock.pass_by(hours=11)
    tokens.sweep()
    assert run_of(database, run_id).status is RunStatus.RUNNING
    clock.pass_by(hours=3)
    tokens.sweep()
    assert run_of(database, run_id).reason is Reason.LOST


def test_who_keeps_no_kernel_tells_nobody_that_it_lives(
    database: Database, tokens: KernelTokenService
) -> None:
    def told() -> int:
        with database.write() as connection:
            tokens.keep(connection)
            return len(leases.live(connection, now_ms()))

    assert told() == 0
    tokens.issue_for_kernel(OLIVE, "k1", None)
    assert told() == 1


def test_a_server_tells_that_it_lives_while_it_dispatches(home: Path) -> None:
    database = Database.open(home / "store.db")
    made = dispatcher(home, database)
    made._tokens.issue_for_kernel(OLIVE, "k1", None)
    made.cycle()
    with database.read() as connection:
        assert f"kernels:{made._tokens._server}" in leases.live(connection, now_ms())
    made.close()
    database.close()
