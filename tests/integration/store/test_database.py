"""Transactions and snapshots, on both engines."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from jupyter_mlops.domain.errors import MlopsError
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.store import events, runs, tags
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun, insert_run
from tests.queued_runs import queued_ids


def test_an_exception_undoes_the_whole_transaction(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with pytest.raises(KeyError), database.write() as connection:  # noqa: PT012
        insert_run(connection)
        runs.start(connection, run_id, 5)
        raise KeyError
    with database.read() as connection:
        assert queued_ids(connection) == [run_id]


def test_what_is_committed_is_there_after_a_restart(store_url: str) -> None:
    database = Database.open(store_url)
    with database.write() as connection:
        run_id = insert_run(connection)
    database.close()
    database = Database.open(store_url)
    with database.read() as connection:
        assert queued_ids(connection) == [run_id]
    database.close()


def test_a_reader_sees_one_moment_however_long_it_reads(
    database: Database, new_run: NewRun
) -> None:
    first = new_run()
    with database.read() as connection:
        assert queued_ids(connection) == [first]
        with ThreadPoolExecutor(1) as pool:
            second = pool.submit(new_run).result()
        assert queued_ids(connection) == [first]
    with database.read() as connection:
        assert queued_ids(connection) == [first, second]


def test_a_reader_cannot_write(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    with (
        pytest.raises((MlopsError, SQLAlchemyError)),
        database.read() as connection,
    ):
        tags.set(connection, run_id, "a", "b")
    with database.read() as connection:
        assert runs.get(connection, run_id).tags == []


def test_a_transaction_inside_another_is_a_defect_and_told_at_once(database: Database) -> None:
    with database.write():
        with pytest.raises(RuntimeError), database.write():
            pass
        with pytest.raises(RuntimeError), database.read():
            pass
    with database.write(), ThreadPoolExecutor(1) as pool:
        pool.submit(database.change_counter).result()


def test_writers_of_many_threads_and_stores_lose_nothing(store_url: str) -> None:
    stores = [Database.open(store_url) for _ in range(3)]
    with stores[0].write() as connection:
        run_id = insert_run(connection)
        tags.set(connection, run_id, "count", "0")

    def count_up(number: int) -> None:
        with stores[number % 3].write() as connection:
            now = int(runs.get(connection, run_id).tags[0].value)
            tags.set(connection, run_id, "count", str(now + 1))

    try:
        with ThreadPoolExecutor(9) as pool:
            list(pool.map(count_up, range(90)))
        with stores[0].read() as connection:
            assert runs.get(connection, run_id).tags[0].value == "90"
    finally:
        for store in stores:
            store.close()


def test_the_change_counter_tells_of_every_commit_of_any_store(store_url: str) -> None:
    here, there = Database.open(store_url), Database.open(store_url)
    try:
        seen = [here.change_counter()]
        assert here.change_counter() == seen[0]
        for store in (here, there, there, here):
            with store.write() as connection:
                events.append(connection, EventType.RUN_CHANGED, "x", "olive")
            seen.append(here.change_counter())
            assert here.change_counter() == seen[-1]
        with here.read() as connection:
            queued_ids(connection)
        assert here.change_counter() == seen[-1]
        assert len(set(seen)) == 5
    finally:
        here.close()
        there.close()


def test_every_child_row_needs_its_run(database: Database) -> None:
    for table, columns in {
        "tags": "(run, key, value) VALUES (99, 'a', 'b')",
        "spool_cursors": "(run, writer, position) VALUES (99, 'a', 1)",
        "run_specs": "(run, spec) VALUES (99, '')",
    }.items():
        with pytest.raises(SQLAlchemyError), database.write() as connection:
            connection.execute(text(f"INSERT INTO {table} {columns}"))


def test_the_tables_refuse_states_that_cannot_be(database: Database, new_run: NewRun) -> None:
    new_run()
    for change in (
        "status = 'LOST'",
        "status = 'FAILED'",
        "reason = 'lost'",
        "duration_ms = -1",
        "run_id = 'short'",
        "experiment_id = 99",
        "name = NULL",
    ):
        with pytest.raises(SQLAlchemyError), database.write() as connection:
            connection.execute(text(f"UPDATE runs SET {change}"))  # noqa: S608


def test_a_closed_store_closes_while_others_read(store_url: str) -> None:
    one, two = Database.open(store_url), Database.open(store_url)
    reading, done = threading.Event(), threading.Event()

    def read() -> None:
        with two.read() as connection:
            queued_ids(connection)
            reading.set()
            done.wait()

    thread = threading.Thread(target=read)
    thread.start()
    reading.wait()
    one.close()
    done.set()
    thread.join()
    with two.write() as connection:
        insert_run(connection)
    two.close()
