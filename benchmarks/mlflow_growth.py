"""How cost grows with the store, from 1,000 runs to 1,000,000: it should not, ours alone."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import mlflow_filling
from benchmarks.figures import Figure, timed
from benchmarks.mlflow_filling import EXPERIMENT
from benchmarks.mlflow_http import Connection
from benchmarks.mlflow_server import OurServer
from benchmarks.mlflow_writing import whole_run

COUNTS = (1_000, 10_000, 100_000, 1_000_000)
REQUESTS = 60
PAGE = 100
# p95 at the largest against p95 at the smallest.
GROWTH = 3.0


def figures() -> Iterator[Figure]:
    """Yield p95 of each work at each size, and how much it grew from one end to the other."""
    p95: dict[str, list[float]] = {}
    for count in COUNTS:
        server = OurServer(partial(mlflow_filling.ours, count=count))
        connection = Connection(server)
        try:
            for name, ask in _WORK.items():
                ask(connection)
                times = [timed(partial(ask, connection)) for _ in range(REQUESTS)]
                slow = 1000 * statistics.quantiles(times, n=20)[18]
                p95.setdefault(name, []).append(slow)
                yield Figure(f"{name}, {count:,} runs: p95", slow, "ms", 50)
        finally:
            connection.close()
            server.close()
    for name, values in p95.items():
        yield Figure(f"{name}: p95 at the largest / smallest", values[-1] / values[0], "x", GROWTH)


def _search(connection: Connection, text: str, order: list[str]) -> None:
    connection.post(
        "runs/search",
        experiment_ids=[str(EXPERIMENT)],
        filter=text,
        order_by=order,
        max_results=PAGE,
    )


_WORK: dict[str, Callable[[Connection], object]] = {
    "insert": whole_run,
    "list": lambda connection: _search(connection, "", []),
    "order by a metric": lambda connection: _search(connection, "", ["metrics.m1 DESC"]),
    "filter that matches 5 %": lambda connection: _search(connection, "params.p2 = '7'", []),
    "filter that matches 1 %": lambda connection: _search(connection, "metrics.m3 > 0.99", []),
    "two filters, ordered by a metric": lambda connection: _search(
        connection, "metrics.m3 > 0.5 and params.p2 = '7'", ["metrics.m1 DESC"]
    ),
}
