"""Reading by MLflow's protocol: runs listed, filtered and sorted, histories, memory and room."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
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
from benchmarks.mlflow_writing import points, start

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


# Returns the bytes of a request on a connection.
Request = Callable[[Connection], bytes]


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
                yield _least(ours, theirs)
                yield from _histories(ours, theirs)
        finally:
            ours.close()
            theirs.close()


def _plain() -> float:
    """Return the megabytes of a Jupyter server without the extension."""
    with folder_on_disk() as root, JupyterServer(Path(root), {"jupyter_mlops": False}) as server:
        time.sleep(SETTLE_SECONDS)
        return megabytes([psutil.Process(server.pid)])


def _least(ours: OurServer, theirs: MlflowServer) -> Figure:
    """Return what an answer costs that reads nothing: below it no figure of either server can be."""
    times = (
        _times_of(server, lambda connection: connection.request("GET", "/health"))
        for server in (ours, theirs)
    )
    value, peer = (1000 * statistics.median(each) for each in times)
    return Figure("an answer that reads nothing", value, "ms", 1, peer, "mlflow server")


def _searches(ours: OurServer, theirs: MlflowServer, count: int) -> Iterator[Figure]:
    asked: list[tuple[str, int, Request]] = [
        (f"search {PAGE} of {count:,} runs, default order", 10, partial(search, page=PAGE)),
        (f"one of {count:,} runs", 10, _one),
        (
            f"search {PAGE} of {count:,} runs, filtered, ordered by a metric",
            TIMES_FASTER[count],
            partial(search, text=FILTER, order="metrics.m1 DESC", page=PAGE),
        ),
    ]
    for name, faster, request in asked:
        our_times, their_times = (_times_of(server, request) for server in (ours, theirs))
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


def search(connection: Connection, text: str = "", order: str = "", page: int = PAGE) -> bytes:
    """Return a request for runs of the filled experiment; RuntimeError unless some are found."""
    asked = {
        "experiment_ids": [str(EXPERIMENT)],
        "filter": text,
        "order_by": [order] if order else [],
        "max_results": page,
    }
    if not connection.post("runs/search", **asked)["runs"]:
        raise RuntimeError("the search found nothing")
    return connection.message("runs/search", **asked)


def _one(connection: Connection) -> bytes:
    return connection.query(f"runs/get?run_id={500:032x}")


def _times_of(server: Server, request: Request) -> list[float]:
    """Return the seconds of requests on a new connection: MLflow's server hangs up after 5 idle ones."""
    with closing(Connection(server)) as connection:
        return _times(partial(connection.answer, request(connection)))


def _times(ask: Callable[[], object]) -> list[float]:
    """Return the seconds of many requests after the first, or of few slow ones."""
    first = timed(ask)
    times: list[float] = []
    while len(times) < MOST and sum(times) < PATIENCE_SECONDS - first:
        times.append(timed(ask))
    return times or [first]


def _p95(times: list[float]) -> float:
    return sorted(times)[int(0.95 * (len(times) - 1))]


def _histories(ours: OurServer, theirs: MlflowServer) -> Iterator[Figure]:
    runs = {server: _long_run(server) for server in (ours, theirs)}
    yield _compared(
        f"history of {HISTORY:,} points, whole",
        *(_whole_history(server, run_id) for server, run_id in runs.items()),
    )
    path = f"/api/runs/{runs[ours]}/metrics?key=loss&max_points={THINNED}"
    asked = f"run_ids={runs[theirs]}&metric_key=loss&max_results={THINNED}"
    thinned = (
        _times_of(ours, lambda connection: connection.request("GET", path)),
        _times_of(
            theirs,
            lambda connection: connection.query(
                f"metrics/get-history-bulk-interval?{asked}", "/ajax-api/2.0/mlflow"
            ),
        ),
    )
    yield _compared(f"history of {HISTORY:,} points, thinned to {THINNED}", *thinned)


def _compared(name: str, ours: list[float], theirs: list[float]) -> Figure:
    value, peer = 1000 * statistics.median(ours), 1000 * statistics.median(theirs)
    return Figure(name, value, "ms", 0.1, peer, "mlflow server")


def _long_run(server: Server) -> str:
    with closing(Connection(server)) as connection:
        run_id = start(connection)
        for number in range(HISTORY // BATCH):
            connection.post("runs/log-batch", run_id=run_id, metrics=points(BATCH * number, BATCH))
        return run_id


def _whole_history(server: Server, run_id: str) -> list[float]:
    """Return the seconds of reading all pages, whose addresses are found out before."""
    with closing(Connection(server)) as connection:
        requests, token, count = [], "", 0
        while True:
            path = f"metrics/get-history?run_id={run_id}&metric_key=loss&max_results=25000"
            requests.append(connection.query(f"{path}&page_token={token}" if token else path))
            page = json.loads(connection.answer(requests[-1]))
            count += len(page["metrics"])
            token = page.get("next_page_token", "")
            if not token:
                break
        if count != HISTORY:
            raise RuntimeError(f"the history has {count} points")
        return _times(lambda: [connection.answer(request) for request in requests])


def _size(store: Path) -> float:
    """Return the megabytes of a database and what lies beside it."""
    return sum(path.stat().st_size for path in store.parent.glob(f"{store.name}*")) / 1e6
