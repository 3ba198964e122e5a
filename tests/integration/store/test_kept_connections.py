"""A connection that is kept goes on as a new one would, and is let go of when it has to be."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from jupyter_mlops.domain.errors import NotFound
from jupyter_mlops.store import kept_connections, runs
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.kept_connections import KeptConnections

MOST = 3


class Counted(KeptConnections):
    """Connections to a file, which counts those that the driver opened and closed."""

    def __init__(self, path: Path) -> None:
        engine = create_engine(
            f"sqlite:///{path}", poolclass=QueuePool, pool_size=MOST, max_overflow=0, pool_timeout=0
        )
        self.opened = self.closed = 0
        event.listen(engine, "connect", self._open)
        event.listen(engine, "close", self._close)
        super().__init__(engine, MOST)

    def _open(self, *_: object) -> None:
        self.opened += 1

    def _close(self, *_: object) -> None:
        self.closed += 1


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Counted]:
    connections = Counted(tmp_path / "numbers.db")
    with connections.begin() as connection:
        connection.execute(text("CREATE TABLE numbers (n INTEGER)"))
    yield connections
    connections.dispose()
    assert connections.closed == connections.opened


def add(kept: Counted, number: int) -> None:
    with kept.begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": number})


def add_and_fail(kept: Counted, number: int) -> None:
    with kept.begin() as connection:
        connection.execute(text("INSERT INTO numbers VALUES (:n)"), {"n": number})
        connection.execute(text("SELECT * FROM nowhere"))


def room(connection: Connection) -> int:
    return int(connection.scalar(text("PRAGMA cache_size")) or 0)


def room_of(database: Database) -> int:
    with database.read() as connection:
        return room(connection)


def numbers(kept: Counted) -> list[int]:
    with kept.begin() as connection:
        return list(connection.scalars(text("SELECT n FROM numbers ORDER BY n")))


def test_one_connection_serves_one_transaction_after_the_other(kept: Counted) -> None:
    for number in range(20):
        add(kept, number)
    assert numbers(kept) == list(range(20))
    assert kept.opened == 1


def test_a_transaction_that_fails_leaves_nothing_to_the_next(kept: Counted) -> None:
    with pytest.raises(OperationalError):
        add_and_fail(kept, 1)
    add(kept, 2)
    assert numbers(kept) == [2]


def test_two_at_once_have_one_each(kept: Counted) -> None:
    with kept.begin() as one, kept.begin() as two:
        assert one.connection.driver_connection is not two.connection.driver_connection
    assert kept.opened == 2


def test_the_favourite_is_taken_before_the_one_that_was_used_last(home: Path) -> None:
    database = Database.open(home / "store.db")
    found: list[int] = []
    with database.read() as first:
        with ThreadPoolExecutor(1) as another:
            found.append(another.submit(room_of, database).result())
        found.append(room(first))
    with database.read() as second, ThreadPoolExecutor(1) as another:
        found += [room(second), another.submit(room_of, database).result()]
    # Kilobytes, or pages: the default.
    assert found == [-2_000, -8_000, -8_000, -2_000]
    database.close()


def test_threads_never_share_one_and_wait_for_one_that_is_free(kept: Counted) -> None:
    count = 3 * MOST
    together, clashes, done = threading.Barrier(count), list[int](), list[int]()
    taken: set[int] = set()

    def work() -> None:
        together.wait()
        for _ in range(100):
            with kept.begin() as connection:
                place = id(connection)
                if place in taken:
                    clashes.append(place)
                taken.add(place)
                connection.scalar(text("SELECT count(*) FROM numbers"))
                time.sleep(0.0005)
                taken.discard(place)
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == count
    assert clashes == []
    assert kept.opened <= MOST


def test_who_waits_too_long_for_one_is_told(kept: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connections, "WAIT_SECONDS", 0.05)
    with ExitStack() as held:
        for _ in range(MOST):
            held.enter_context(kept.begin())
        with pytest.raises(NoneFree):
            add(kept, 1)
    add(kept, 2)
    assert numbers(kept) == [2]


def test_one_that_is_in_use_when_all_are_let_go_goes_at_its_end(kept: Counted) -> None:
    add(kept, 1)
    with kept.begin() as connection:
        kept.dispose()
        assert connection.scalar(text("SELECT n FROM numbers")) == 1
    assert (kept.opened, kept.closed) == (1, 1)
    assert numbers(kept) == [1]
    assert kept.opened == 2


def test_one_that_fails_after_all_are_let_go_is_closed_too(kept: Counted) -> None:
    add(kept, 1)
    with pytest.raises(OperationalError):
        fail_after_all_are_let_go(kept)
    assert (kept.opened, kept.closed) == (1, 1)


def fail_after_all_are_let_go(kept: Counted) -> None:
    with kept.begin() as connection:
        kept.dispose()
        connection.execute(text("SELECT * FROM nowhere"))


def test_one_of_before_is_not_given_out_after_all_are_let_go(kept: Counted) -> None:
    add(kept, 1)
    # As between the two steps of letting go of all of them.
    kept.engine.dispose()
    with kept.begin() as connection:
        assert connection.scalar(text("SELECT n FROM numbers")) == 1
    assert (kept.opened, kept.closed) == (2, 1)


def test_the_favourite_stays_it_after_a_refusal_and_after_all_were_let_go_of(home: Path) -> None:
    database = Database.open(home / "store.db")
    favoured = room_of(database)
    with ThreadPoolExecutor(1) as another, database.read():
        assert another.submit(room_of, database).result() != favoured
    with pytest.raises(NotFound), database.read() as connection:
        runs.get(connection, "0" * 32)
    assert [room_of(database) for _ in range(3)] == [favoured] * 3
    database._backend.reader.dispose()
    assert [room_of(database) for _ in range(3)] == [favoured] * 3
    database.close()


def test_a_connection_that_a_statement_failed_on_serves_on(kept: Counted) -> None:
    add(kept, 1)
    for _ in range(3):
        with pytest.raises(OperationalError):
            add_and_fail(kept, 2)
    assert numbers(kept) == [1]
    assert kept.opened == 1
