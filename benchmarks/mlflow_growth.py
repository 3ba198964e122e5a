"""How cost grows with the store, from 1,000 runs to 1,000,000: it should not, ours alone.

A filter is asked for as many runs as match it in the smallest store: an answer of the same size.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from benchmarks import mlflow_filling
from benchmarks.figures import Figure, timed
from benchmarks.mlflow_http import Connection
from benchmarks.mlflow_reading import FILTER, SETTLE_SECONDS, search
from benchmarks.mlflow_server import OurServer
from benchmarks.mlflow_writing import WholeRuns
from tests.postgresql import PostgresqlServer

COUNTS = (1_000, 10_000, 100_000, 1_000_000)
REQUESTS = 200
PAGE = 100
MATCHING_PAGE = 10
# p95 at the largest against p95 at the smallest.
GROWTH = 3.0


def figures() -> Iterator[Figure]:
    """Yield p95 of each work at each size, and how much it grew, on both engines."""
    for engine, filled in (("SQLite", _embedded), ("PostgreSQL", _postgresql)):
        p95: dict[str, list[float]] = {}
        for count in COUNTS:
            with filled(count) as server, closing(Connection(server)) as connection:
                time.sleep(SETTLE_SECONDS)
                for name, made in _WORK.items():
                    work = made(connection)
                    work()
                    times = [timed(work) for _ in range(REQUESTS)]
                    slow = 1000 * statistics.quantiles(times, n=20)[18]
                    p95.setdefault(name, []).append(slow)
                    yield Figure(f"{engine}: {name}, {count:,} runs: p95", slow, "ms", 50)
        for name, values in p95.items():
            growth = values[-1] / values[0]
            yield Figure(f"{engine}: {name}: p95, largest / smallest", growth, "x", GROWTH)


@contextmanager
def _embedded(count: int) -> Iterator[OurServer]:
    with closing(OurServer(partial(mlflow_filling.ours, count=count, alone=True))) as server:
        yield server


@contextmanager
def _postgresql(count: int) -> Iterator[OurServer]:
    with closing(PostgresqlServer(durable=True)) as postgresql:
        url = postgresql.new_database()
        mlflow_filling.ours(url, count, alone=True)
        with closing(OurServer(database_url=url)) as server:
            yield server


def _asking(
    text: str = "", order: str = "", page: int = PAGE
) -> Callable[[Connection], Callable[[], object]]:
    def made(connection: Connection) -> Callable[[], object]:
        return partial(connection.answer, search(connection, text, order, page))

    return made


# What is done again and again on a connection.
_WORK: dict[str, Callable[[Connection], Callable[[], object]]] = {
    "insert": lambda connection: WholeRuns(connection).write,
    "list": _asking(),
    "order by a metric": _asking(order="metrics.m1 DESC"),
    "filter that matches 5 %": _asking("params.p2 = '7'", page=MATCHING_PAGE),
    "filter that matches 1 %": _asking("metrics.m3 > 0.99", page=MATCHING_PAGE),
    "two filters, ordered by a metric": _asking(FILTER, "metrics.m1 DESC", MATCHING_PAGE),
}
