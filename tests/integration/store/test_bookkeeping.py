"""Events, leases, idempotent requests and spool cursors: what lets several processes work as one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.store import events, leases, request_keys, spool_cursors
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun


def append(database: Database, subject: str = "x") -> int:
    with database.write() as connection:
        return events.append(connection, EventType.RUN_CHANGED, subject, "olive")


def test_events_are_read_in_the_order_they_were_committed(database: Database) -> None:
    assert [append(database, name) for name in "abcde"] == [1, 2, 3, 4, 5]
    with database.read() as connection:
        assert events.last_seq(connection) == 5
        first = events.after(connection, 0, 2)
        rest = events.after(connection, first.seq, 100)
        none = events.after(connection, 5, 100)
    assert [event.subject for event in first.events + rest.events] == list("abcde")
    assert (first.seq, rest.seq, none.seq, none.events) == (2, 5, 5, [])
    assert [page.reset for page in (first, rest, none)] == [False] * 3
    assert first.events[0].type is EventType.RUN_CHANGED
    assert first.events[0].actor == "olive"


def test_an_undone_transaction_leaves_no_gap(database: Database) -> None:
    append(database)
    with pytest.raises(KeyError), database.write() as connection:  # noqa: PT012
        events.append(connection, EventType.RUN_CHANGED, "undone", "olive")
        raise KeyError
    assert append(database) == 2


def test_events_of_many_writers_have_no_gap_and_no_twin(store_url: str) -> None:
    stores = [Database.open(store_url) for _ in range(4)]
    seen: set[int] = set()
    stop = threading.Event()
    missed: list[int] = []

    def watch() -> None:
        """Follow the log as a client does; whatever lies behind the cursor must have been seen."""
        cursor = 0
        while not stop.is_set():
            with stores[0].read() as connection:
                page = events.after(connection, cursor, 50)
            expected = list(range(cursor + 1, cursor + 1 + len(page.events)))
            if [event.seq for event in page.events] != expected:
                missed.append(cursor)
            cursor = page.seq

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda number: append(stores[number % 4]), range(200)))
    finally:
        stop.set()
        watcher.join()
        for store in stores:
            store.close()
    seen.update(made)
    assert (seen, len(made), missed) == (set(range(1, 201)), 200, [])


def test_a_cursor_older_than_the_log_is_told_to_start_anew(database: Database) -> None:
    for _ in range(3):
        append(database)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE events SET created_at = seq * 1000")
        assert events.prune(connection, 2_500) == 2
        assert events.prune(connection, 2_500) == 0
    with database.read() as connection:
        assert [event.seq for event in events.after(connection, 2, 9).events] == [3]
        assert events.after(connection, 1, 9).reset
        assert events.after(connection, 4, 9).reset
        assert events.last_seq(connection) == 3
    with database.write() as connection:
        events.prune(connection, 9_999)
        assert events.append(connection, EventType.RUN_CHANGED, "x", "olive") == 4


def test_a_clock_that_was_set_back_tears_no_hole_into_the_log(database: Database) -> None:
    for _ in range(3):
        append(database)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE events SET created_at = 9000 WHERE seq = 1")
        connection.exec_driver_sql("UPDATE events SET created_at = 1000 WHERE seq > 1")
        assert events.prune(connection, 5_000) == 0


def test_a_lease_has_one_holder_until_it_expires(database: Database) -> None:
    with database.write() as connection:
        assert leases.acquire(connection, "dispatcher", "one", 1_000, 500)
        assert not leases.acquire(connection, "dispatcher", "two", 1_400, 500)
        assert leases.acquire(connection, "dispatcher", "one", 1_400, 500)
        assert leases.acquire(connection, "another", "two", 1_400, 500)
        assert leases.holder(connection, "dispatcher", 1_899) == "one"
        assert leases.holder(connection, "dispatcher", 1_900) is None
        assert leases.acquire(connection, "dispatcher", "two", 1_900, 500)
        leases.release(connection, "dispatcher", "one")
        assert leases.holder(connection, "dispatcher", 2_000) == "two"
        leases.release(connection, "dispatcher", "two")
        assert leases.holder(connection, "dispatcher", 2_000) is None


def test_a_lease_from_the_future_does_not_block_for_ever(database: Database) -> None:
    with database.write() as connection:
        assert leases.acquire(connection, "dispatcher", "one", 365 * 86_400_000, 500)
        assert leases.acquire(connection, "dispatcher", "two", 1_000, 500)


def test_of_many_who_want_a_lease_at_once_one_gets_it(store_url: str) -> None:
    stores = [Database.open(store_url) for _ in range(4)]

    def want(number: int) -> bool:
        with stores[number % 4].write() as connection:
            return leases.acquire(connection, "dispatcher", str(number), 1_000, 500)

    try:
        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(want, range(32))) == 1
    finally:
        for store in stores:
            store.close()


def test_an_answer_is_kept_for_its_user_and_key(database: Database) -> None:
    answer = b'{"run_id": "\x00\xff"}'
    with database.write() as connection:
        request_keys.put(connection, "olive", "k", answer, 1_000)
        request_keys.put(connection, "vera", "k", b"hers", 2_000)
    with database.write() as connection:
        assert request_keys.find(connection, "olive", "k") == answer
        assert request_keys.find(connection, "vera", "k") == b"hers"
        assert request_keys.find(connection, "olive", "other") is None
        with pytest.raises(Conflict):
            request_keys.put(connection, "olive", "k", b"second", 3_000)
        assert request_keys.find(connection, "olive", "k") == answer
        assert request_keys.prune(connection, 1_500) == 1
        assert request_keys.find(connection, "olive", "k") is None


def test_cursors_move_with_the_rows_or_not_at_all(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with database.write() as connection:
        assert spool_cursors.get(connection, "0" * 32) == {}
        spool_cursors.put(connection, run_id, "worker-1-aaaaaaaa", 10)
        spool_cursors.put(connection, run_id, "kernel-2-bbbbbbbb", 20)
    with pytest.raises(NotFound), database.write() as connection:  # noqa: PT012
        spool_cursors.put(connection, run_id, "worker-1-aaaaaaaa", 99)
        spool_cursors.put(connection, "0" * 32, "worker-1-aaaaaaaa", 1)
    with database.read() as connection:
        assert spool_cursors.get(connection, run_id) == {
            "worker-1-aaaaaaaa": 10,
            "kernel-2-bbbbbbbb": 20,
        }
