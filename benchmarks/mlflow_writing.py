"""Writing by MLflow's protocol: whole runs, single metrics and large batches, ours beside MLflow's."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
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


def whole_run(connection: Connection) -> str:
    """Open a run, log what runs have, end it: three requests. Returns its id."""
    run_id = start(connection)
    connection.post(
        "runs/log-batch",
        run_id=run_id,
        params=[{"key": f"p{index}", "value": str(index)} for index in range(PARAMETERS)],
        metrics=[
            {"key": f"m{index}", "value": index / 7, "timestamp": _now(), "step": 0}
            for index in range(METRICS)
        ],
    )
    connection.post("runs/update", run_id=run_id, status="FINISHED", end_time=_now())
    return run_id


def start(connection: Connection) -> str:
    """Open a run and return its id."""
    made = connection.post("runs/create", experiment_id="0", start_time=_now(), run_name="bench")
    return str(made["run"]["info"]["run_id"])


def _whole_runs(server: Server, clients: int) -> float:
    """Return the seconds that one run takes on average while so many clients write runs."""

    def work(connection: Connection) -> None:
        for _ in range(RUNS // clients):
            whole_run(connection)

    connections = [Connection(server) for _ in range(clients)]
    threads = [threading.Thread(target=work, args=(each,)) for each in connections]

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
    connection = Connection(server)
    run_id = start(connection)

    def log(step: int) -> None:
        connection.post(
            "runs/log-metric",
            run_id=run_id,
            key="loss",
            value=1 / (step + 1),
            timestamp=_now(),
            step=step,
        )

    log(0)
    times = [timed(partial(log, step)) for step in range(1, POINTS)]
    connection.close()
    return statistics.median(times)


def _batch(server: Server) -> float:
    connection = Connection(server)
    run_id = start(connection)
    times = []
    for number in range(10):
        metrics = [
            {"key": "loss", "value": 0.5, "timestamp": _now(), "step": BATCH * number + index}
            for index in range(BATCH)
        ]
        log = partial(connection.post, "runs/log-batch", run_id=run_id, metrics=metrics)
        times.append(timed(log))
    connection.close()
    return statistics.median(times)


_LOGGING: tuple[tuple[str, float, Measure], ...] = (
    ("log_metric by the official client", 1 / 1.8, _metric_by_client),
    ("log-metric, raw", 0.2, _metric),
    (f"log-batch of {BATCH:,} metrics", 0.1, _batch),
)
