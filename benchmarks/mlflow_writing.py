"""Writing by MLflow's protocol: whole runs, single metrics and large batches, ours beside MLflow's."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial

from benchmarks import peers
from benchmarks.figures import Figure, in_turn, timed
from benchmarks.mlflow_filling import METRICS, PARAMETERS
from benchmarks.mlflow_http import Connection
from benchmarks.mlflow_server import MlflowServer, OurServer, Server

ROUNDS = 3
RUNS = 60
CLIENTS = 8
POINTS = 200
BATCH = 1_000

# Stands in a request for the id of a run that is not opened yet.
_UNKNOWN = "0" * 32
_RUN_ID = re.compile(rb'"run_id": *"([0-9a-f]{32})"')

# Returns the seconds that one piece of work takes.
Measure = Callable[[Server], float]

# What the official client costs by itself is in this row; it is the same for both.
PROGRAM = """
import sys, time, mlflow
mlflow.set_tracking_uri(sys.argv[1])
mlflow.start_run()
mlflow.log_metric("warm", 0.0)
before = time.perf_counter()
for step in range(int(sys.argv[2])):
    mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
print(time.perf_counter() - before)
mlflow.end_run()
"""


def figures() -> Iterator[Figure]:
    """Yield the rows of writing, each server measured in turn."""
    ours, theirs = OurServer(), MlflowServer()
    try:
        for clients in (1, CLIENTS):
            name = f"a whole run, {clients} client{'s' if clients > 1 else ''}: time a run"
            measure = partial(_whole_runs, clients=clients)
            yield _row(name, 0.2, measure, ours, theirs)
        for name, goal, measure in _LOGGING:
            yield _row(name, goal, measure, ours, theirs)
    finally:
        ours.close()
        theirs.close()


def _row(name: str, goal: float, measure: Measure, ours: Server, theirs: Server) -> Figure:
    mine, peers = in_turn(partial(measure, ours), partial(measure, theirs), ROUNDS)
    return Figure(name, 1000 * mine, "ms", goal, 1000 * peers, "mlflow server")


def _now() -> int:
    return int(time.time() * 1000)


class WholeRuns:
    """Runs one after the other on a connection, each three requests: open, log what runs have, end."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._requests = [
            connection.message(
                "runs/create", experiment_id="0", start_time=_now(), run_name="bench"
            ),
            connection.message(
                "runs/log-batch",
                run_id=_UNKNOWN,
                params=[{"key": f"p{index}", "value": str(index)} for index in range(PARAMETERS)],
                metrics=[
                    {"key": f"m{index}", "value": index / 7, "timestamp": _now(), "step": 0}
                    for index in range(METRICS)
                ],
            ),
            connection.message("runs/update", run_id=_UNKNOWN, status="FINISHED", end_time=_now()),
        ]

    def write(self) -> None:
        """Write one run."""
        create, *others = self._requests
        made = _RUN_ID.search(self._connection.answer(create))
        if made is None:
            raise RuntimeError("a run that was opened has no id")
        for request in others:
            self._connection.answer(request.replace(_UNKNOWN.encode(), made[1]))


def start(connection: Connection) -> str:
    """Open a run and return its id."""
    made = connection.post("runs/create", experiment_id="0", start_time=_now(), run_name="bench")
    return str(made["run"]["info"]["run_id"])


def _whole_runs(server: Server, clients: int) -> float:
    """Return the seconds that one run takes on average while so many clients write runs."""

    def work(runs: WholeRuns) -> None:
        for _ in range(RUNS // clients):
            runs.write()

    connections = [Connection(server) for _ in range(clients)]
    threads = [threading.Thread(target=work, args=(WholeRuns(each),)) for each in connections]

    def together() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    seconds = timed(together)
    for connection in connections:
        connection.close()
    return seconds / (RUNS // clients * clients)


def _metric_by_client(server: Server) -> float:
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_TOKEN": server.token,
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    if not server.token:
        del environment["MLFLOW_TRACKING_TOKEN"]
    answer = subprocess.run(
        [peers.python(), "-c", PROGRAM, server.address, str(POINTS)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    return float(answer.stdout.split()[0]) / POINTS


def _metric(server: Server) -> float:
    with closing(Connection(server)) as connection:
        run_id = start(connection)
        requests = [
            connection.message(
                "runs/log-metric",
                run_id=run_id,
                key="loss",
                value=1 / (step + 1),
                timestamp=_now(),
                step=step,
            )
            for step in range(POINTS)
        ]
        return statistics.median(times(connection, requests)[1:])


def _batch(server: Server) -> float:
    with closing(Connection(server)) as connection:
        run_id = start(connection)
        requests = [
            connection.message(
                "runs/log-batch", run_id=run_id, metrics=points(BATCH * number, BATCH)
            )
            for number in range(10)
        ]
        return statistics.median(times(connection, requests))


def points(first: int, count: int) -> list[dict[str, object]]:
    """Return so many points of one metric, from a step on."""
    return [
        {
            "key": "loss",
            "value": 1 / (step + 1),
            "timestamp": 1_700_000_000_000 + step,
            "step": step,
        }
        for step in range(first, first + count)
    ]


def times(connection: Connection, requests: Iterable[bytes]) -> list[float]:
    """Return the seconds that each request takes until its whole answer is there."""
    return [timed(partial(connection.answer, request)) for request in requests]


_LOGGING: tuple[tuple[str, float, Measure], ...] = (
    ("log_metric by the official client", 1 / 1.8, _metric_by_client),
    ("log-metric, raw", 0.2, _metric),
    (f"log-batch of {BATCH:,} metrics", 0.1, _batch),
)
