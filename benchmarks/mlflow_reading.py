"""Reading by MLflow's protocol: runs listed, filtered and sorted, histories, memory and room."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psutil

from benchmarks import mlflow_filling
from benchmarks.disk import folder_on_disk
from benchmarks.figures import Figure, timed
from benchmarks.jupyter import JupyterServer
from benchmarks.memory import megabytes
from benchmarks.mlflow_filling import EXPERIMENT
from benchmarks.mlflow_http import Connection
from benchmarks.mlflow_server import MlflowServer, OurServer, Server
from benchmarks.mlflow_writing import start

COUNTS = (1_000, 10_000, 100_000)
PAGE = 100
HISTORY = 100_000
BATCH = 1_000
THINNED = 500
# A slow server is asked less often, so that the whole takes minutes and not hours.
PATIENCE_SECONDS = 20.0
MOST = 40
FILTER = "metrics.m3 > 0.5 and params.p2 = '7'"
# How many times faster the filtered and sorted search is to be.
TIMES_FASTER = {1_000: 10, 10_000: 25, 100_000: 500}
P95_MS = 50.0
SETTLE_SECONDS = 10.0


def figures() -> Iterator[Figure]:
    """Yield the rows of reading, at each size."""
    plain = _plain()
    empty = OurServer()
    time.sleep(SETTLE_SECONDS)
    yield Figure("memory added to the server, idle", empty.megabytes - plain, "MB", 60)
    empty.close()
    for count in COUNTS:
        ours = OurServer(partial(mlflow_filling.ours, count=count))
        theirs = MlflowServer(partial(mlflow_filling.theirs, count=count))
        try:
            yield from _searches(ours, theirs, count)
            if count == max(COUNTS):
                more = ours.megabytes - plain
                yield Figure(f"memory added to the server, {count:,} runs", more, "MB", 100)
                yield Figure(
                    f"bytes on disk, {count:,} runs",
                    _size(ours.store),
                    "MB",
                    0.5,
                    _size(theirs.store),
                    "mlflow server",
                )
            elif count == min(COUNTS):
                yield from _histories(ours, theirs)
        finally:
            ours.close()
            theirs.close()


def _plain() -> float:
    """Return the megabytes of a Jupyter server without the extension."""
    with folder_on_disk() as root, JupyterServer(Path(root), {"jupyter_mlops": False}) as server:
        time.sleep(SETTLE_SECONDS)
        return megabytes([psutil.Process(server.pid)])


def _searches(ours: OurServer, theirs: MlflowServer, count: int) -> Iterator[Figure]:
    asked: list[tuple[str, int, Callable[[Connection], object]]] = [
        (f"search {PAGE} of {count:,} runs, default order", 10, _listed),
        (f"one of {count:,} runs", 10, _one),
        (
            f"search {PAGE} of {count:,} runs, filtered, ordered by a metric",
            TIMES_FASTER[count],
            _sorted,
        ),
    ]
    for name, faster, ask in asked:
        our_times, their_times = (_times_of(server, ask) for server in (ours, theirs))
        yield Figure(
            name,
            1000 * statistics.median(our_times),
            "ms",
            1 / faster,
            1000 * statistics.median(their_times),
            "mlflow server",
        )
        if count == max(COUNTS):
            yield Figure(f"{name}: p95", 1000 * _p95(our_times), "ms", P95_MS)


def _times_of(server: Server, ask: Callable[[Connection], object]) -> list[float]:
    """Return the seconds of requests on a new connection: MLflow's server hangs up after 5 idle ones."""
    connection = Connection(server)
    times = _times(partial(ask, connection))
    connection.close()
    return times


def _times(ask: Callable[[], object]) -> list[float]:
    """Return the seconds of many requests after the first, or of few slow ones."""
    first = timed(ask)
    times: list[float] = []
    while len(times) < MOST and sum(times) < PATIENCE_SECONDS - first:
        times.append(timed(ask))
    return times or [first]


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _listed(connection: Connection) -> None:
    _search(connection, "", [])


def _sorted(connection: Connection) -> None:
    _search(connection, FILTER, ["metrics.m1 DESC"])


def _search(connection: Connection, text: str, order: list[str]) -> None:
    found = connection.post(
        "runs/search",
        experiment_ids=[str(EXPERIMENT)],
        filter=text,
        order_by=order,
        max_results=PAGE,
    )
    if not found["runs"]:
        raise RuntimeError("the search found nothing")


def _one(connection: Connection) -> None:
    connection.get(f"runs/get?run_id={500:032x}")


def _histories(ours: OurServer, theirs: MlflowServer) -> Iterator[Figure]:
    our_run, their_run = _long_run(ours), _long_run(theirs)
    whole = [
        statistics.median(_times_of(server, partial(_whole_history, run_id=run_id)))
        for server, run_id in ((ours, our_run), (theirs, their_run))
    ]
    yield _compared(f"history of {HISTORY:,} points, whole", *whole)
    thinned = [
        statistics.median(_times_of(ours, partial(_our_thinned_history, run_id=our_run))),
        statistics.median(_times_of(theirs, partial(_their_thinned_history, run_id=their_run))),
    ]
    yield _compared(f"history of {HISTORY:,} points, thinned to {THINNED}", *thinned)


def _compared(name: str, ours: float, theirs: float) -> Figure:
    return Figure(name, 1000 * ours, "ms", 0.1, 1000 * theirs, "mlflow server")


def _our_thinned_history(connection: Connection, run_id: str) -> None:
    connection.raw("GET", f"/api/runs/{run_id}/metrics?key=loss&max_points={THINNED}")


def _their_thinned_history(connection: Connection, run_id: str) -> None:
    asked = f"run_ids={run_id}&metric_key=loss&max_results={THINNED}"
    connection.get(f"metrics/get-history-bulk-interval?{asked}", "/ajax-api/2.0/mlflow")


def _long_run(server: Server) -> str:
    connection = Connection(server)
    run_id = start(connection)
    for number in range(HISTORY // BATCH):
        connection.post(
            "runs/log-batch",
            run_id=run_id,
            metrics=[
                {
                    "key": "loss",
                    "value": 1 / (BATCH * number + index + 1),
                    "timestamp": 1_700_000_000_000 + BATCH * number + index,
                    "step": BATCH * number + index,
                }
                for index in range(BATCH)
            ],
        )
    connection.close()
    return run_id


def _whole_history(connection: Connection, run_id: str) -> None:
    token, count = "", 0
    while True:
        path = f"metrics/get-history?run_id={run_id}&metric_key=loss&max_results=25000"
        page = connection.get(f"{path}&page_token={token}" if token else path)
        count += len(page["metrics"])
        token = page.get("next_page_token", "")
        if not token:
            break
    if count != HISTORY:
        raise RuntimeError(f"the history has {count} points")


def _size(store: Path) -> float:
    """Return the megabytes of a database and what lies beside it."""
    return sum(path.stat().st_size for path in store.parent.glob(f"{store.name}*")) / 1e6
