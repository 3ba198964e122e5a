"""However many processes start runs of a home, no more are under way than its limit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.domain.run_spec import Origin
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.process_identity import boot_id, process_started
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.places import Places
from jupyter_mlops.store import leases, runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import insert_run

LIMIT = 3
HOME = Origin(home_id="a", environment="/here")


def places(database: Database, begun: bool = False) -> Places:
    """The places as one process sees them."""
    return Places(database, HOME, LIMIT, lambda *_: True, lambda _: begun)


@pytest.fixture
def stores(store_url: str) -> Iterator[list[Database]]:
    """The store, opened as by several processes."""
    opened = [Database.open(store_url) for _ in range(4)]
    yield opened
    for database in opened:
        database.close()


@pytest.fixture
def queued(stores: list[Database]) -> list[str]:
    """Runs that wait."""
    with stores[0].write() as connection:
        return [insert_run(connection) for _ in range(12)]


def test_many_who_want_the_last_places_at_once_get_no_more_than_there_are(
    stores: list[Database], queued: list[str]
) -> None:
    wanted = [(places(store), queued[number::4]) for number, store in enumerate(stores)]
    with ThreadPoolExecutor(len(wanted)) as pool:
        given = pool.map(lambda one: [run for run in one[1] if one[0].take(run)], wanted)
    started = [run_id for some in given for run_id in some]
    assert len(started) == LIMIT
    assert not any(one.free() for one, _ in wanted)
    # One that is recorded as under way keeps its place, one that has ended leaves it.
    with stores[0].write() as connection:
        runs.start(connection, started[0], 1)
    assert not wanted[0][0].free()
    with stores[0].write() as connection:
        runs.end(
            connection,
            started[0],
            status=RunStatus.FINISHED,
            reason=None,
            message=None,
            ended_at=2,
        )
    assert wanted[0][0].free()


def test_places_are_given_back_and_kept_by_their_owner_only(
    stores: list[Database], queued: list[str]
) -> None:
    ours, theirs = places(stores[0]), places(stores[1])
    assert all(ours.take(run_id) for run_id in queued[:LIMIT])
    theirs.keep(queued[:LIMIT])
    theirs.leave()
    assert not theirs.take(queued[0])
    assert not theirs.free()
    # After an attempt that failed it may try again.
    assert ours.take(queued[0])
    ours.leave()
    assert all(theirs.take(run_id) for run_id in queued[:LIMIT])


def test_a_place_that_is_kept_does_not_expire(stores: list[Database], queued: list[str]) -> None:
    ours = places(stores[0])
    assert ours.take(queued[0])
    name = f"launch:a:{queued[0]}"

    def lives(at: int) -> bool:
        with stores[0].read() as connection:
            return name in leases.live(connection, at)

    owner = _owner(stores[0], name)
    with stores[0].write() as connection:
        leases.extend(connection, [name], owner, now_ms() - 1)
    assert not lives(now_ms())
    ours.keep([queued[0]])
    assert lives(now_ms())


def _owner(database: Database, name: str) -> str:
    with database.read() as connection:
        found = leases.holder(connection, name, 0)
    assert found is not None
    return found


@pytest.mark.parametrize("begun", [False, True])
def test_the_place_of_a_process_that_is_gone_is_free_unless_it_launched_the_run(
    stores: list[Database], queued: list[str], begun: bool
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = f"{boot_id()}/{process.pid}/{process_started(process.pid)}/aa"
        process.kill()
    with stores[0].write() as connection:
        for run_id in queued[:LIMIT]:
            assert leases.acquire(connection, f"launch:a:{run_id}", owner, now_ms(), 60_000)
    ours = places(stores[1], begun)
    assert ours.free() is not begun
    assert ours.take(queued[0]) is not begun
