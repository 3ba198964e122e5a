"""A long queue: claimed in order, and looked at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from sqlalchemy import Engine, event

from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.services.leadership import Leadership
from jupyter_mlops.services.queue import Queue
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.store import experiments, run_queue, runs
from jupyter_mlops.store.database import Database

QUEUED = 1_000
HERE = Origin(home_id=None, environment=sys.prefix)
ELSEWHERE = Origin(home_id=None, environment="/elsewhere")


def fill(database: Database, origin: Origin) -> list[str]:
    """Queue runs for a Python environment; return their ids in order."""
    ids = [new_run_id() for _ in range(QUEUED)]
    orders = {
        "protocol": 1,
        "notebook": "a.ipynb",
        "source_digest": "sha256:" + "0" * 64,
        "working_directory": "/",
        "parameters": [],
        "kernel_name": "python3",
        "warm": True,
        "time_limit": None,
        "start_timeout": 60.0,
        "save_to": None,
        "user": "ada",
        "experiment": "tests",
        "created_at": 1,
        "environment_mode": "deny",
        "environment_allowed": [],
        "origin": origin,
    }
    with database.write() as connection:
        experiment, _ = experiments.ensure(connection, "tests", 1)
        for run_id in ids:
            runs.insert(
                connection,
                runs.NewRunRow(
                    run_id=run_id,
                    experiment_id=experiment,
                    name="queued",
                    source_type="notebook",
                    notebook="a.ipynb",
                    user="ada",
                    kernel_name=None,
                    time_limit=None,
                    save_to=None,
                    rerun_of=None,
                    source_digest=None,
                    created_at=1,
                    status=RunStatus.SCHEDULED,
                    spec=msgspec.json.encode({**orders, "run_id": run_id}),
                ),
            )
    return ids


def open_queue(database: Database) -> tuple[Queue, Leadership]:
    """Give the queue of a process that leads, as long as it renews its leases."""
    secrets = SecretKeeper()
    leadership = Leadership(database, HERE, secrets, lambda _: None)
    assert leadership.renew()

    def refuse(run_id: str, _user: str, message: str) -> None:
        raise AssertionError(f"{run_id} was refused: {message}")

    return Queue(database, HERE, secrets, leadership, lambda _: False, refuse), leadership


@contextmanager
def statements() -> Iterator[list[str]]:
    """Give the statements that are executed in the block."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def specs_read(seen: list[str]) -> int:
    return sum("FROM run_specs" in statement for statement in seen)


def test_a_long_queue_is_claimed_in_order(database: Database) -> None:
    ids = fill(database, HERE)
    queue, leadership = open_queue(database)
    claimed: list[str] = []
    with statements() as seen:
        while (spec := queue.next(claimed)) is not None:
            claimed.append(spec.run_id)
            leadership.renew()
    assert claimed == ids
    assert specs_read(seen) <= 2 * QUEUED


def test_a_long_queue_for_others_is_read_once_and_costs_a_cycle_one_statement(
    database: Database,
) -> None:
    ids = fill(database, ELSEWHERE)
    queue, leadership = open_queue(database)
    with statements() as seen:
        queue.review()
        assert queue.next(()) is None
    assert specs_read(seen) == QUEUED
    with statements() as seen:
        for _ in range(10):
            assert queue.next(()) is None
    assert len([statement for statement in seen if statement.startswith("SELECT")]) == 10
    with statements() as seen:
        for _ in range(20):
            leadership.renew()
            queue.review()
            assert queue.next(()) is None
    assert specs_read(seen) == 0
    with database.read() as connection:
        told = run_queue.queued(connection)
    assert [queued.run_id for queued in told] == ids
    assert all("/elsewhere" in (queued.message or "") for queued in told)


def test_a_run_that_is_queued_behind_many_for_others_is_found_at_once(database: Database) -> None:
    fill(database, ELSEWHERE)
    queue, leadership = open_queue(database)
    assert queue.next(()) is None
    ours = fill(database, HERE)[0]
    leadership.renew()
    spec = queue.next(())
    assert spec is not None
    assert spec.run_id == ours
