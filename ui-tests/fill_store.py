"""Fills a store with finished runs, as rows that no kernel had to make: `fill_store.py HOME COUNT`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.store import events, experiments, metrics, runs
from jupyter_mlops.store.database import Database

USER = "journeys"
# The server beside it writes too: no transaction keeps it waiting for long.
PER_TRANSACTION = 250


def fill(database: Database, count: int) -> None:
    """Add ``count`` runs; the oldest is named `bulk 1`."""
    now = time.time_ns() // 1_000_000
    with database.write() as connection:
        experiment, _ = experiments.ensure(connection, "Bulk", now)
    for first in range(1, count + 1, PER_TRANSACTION):
        with database.write() as connection:
            for number in range(first, min(first + PER_TRANSACTION, count + 1)):
                made = now - (count - number) * 1000
                run_id = new_run_id()
                runs.insert(
                    connection,
                    runs.NewRunRow(
                        run_id=run_id,
                        experiment_id=experiment,
                        name=f"bulk {number}",
                        source_type="script",
                        notebook=None,
                        user=USER,
                        kernel_name=None,
                        time_limit=None,
                        save_to=None,
                        rerun_of=None,
                        source_digest=None,
                        created_at=made,
                        status=RunStatus.SCHEDULED,
                        spec=None,
                    ),
                )
                runs.start(connection, run_id, made)
                if number % 10 == 0:
                    metrics.append(connection, run_id, _course(made))
                runs.end(
                    connection,
                    run_id,
                    status=RunStatus.FINISHED,
                    reason=None,
                    message=None,
                    ended_at=made + 900,
                    duration_ms=900,
                )
                events.append(connection, EventType.RUN_ENDED, run_id, USER)


def _course(made: int) -> list[Point]:
    return [Point(key="loss", value=1 / (step + 1), step=step, timestamp=made) for step in range(3)]


if __name__ == "__main__":
    store = Database.open(Path(sys.argv[1]) / "store.db")
    fill(store, int(sys.argv[2]))
    store.close()
