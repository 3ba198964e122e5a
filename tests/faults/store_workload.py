"""A program that writes to a store without end and says what it was told to be durable.

``python -m tests.faults.store_workload HOME [--network] [--count N]``: each transaction makes a run
with all its kinds of rows and a file, and ends an older one; after its commit the number and the
digest of the file are printed. ``check`` then finds out what became of them.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.cells import Cell, CellState
from jupyter_mlops.domain.datasets import Dataset, DatasetInput, DatasetKey, ModelOutput
from jupyter_mlops.domain.environments import Environment, Package
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.logged_models import ModelPoint
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.runs import Parameter, RunStatus
from jupyter_mlops.store import (
    artifacts,
    cells,
    environments,
    events,
    experiments,
    kernel_tokens,
    lineage,
    logged_model_artifacts,
    logged_model_metrics,
    logged_models,
    metrics,
    parameters,
    request_keys,
    runs,
    spool_cursors,
    tags,
)
from jupyter_mlops.store.database import Connection, Database
from jupyter_mlops.store.run_keys import place_of

POINTS = 30


@dataclass(frozen=True)
class Acknowledged:
    """One line of the program: the number of a transaction that was committed, and its file."""

    number: int
    digest: str

    @classmethod
    def parse(cls, output: bytes) -> list[Acknowledged]:
        """Read what a program printed; its last line may be torn."""
        whole = output[: output.rfind(b"\n") + 1].decode()
        lines = [line.split() for line in whole.splitlines()]
        return [cls(int(number), digest) for number, digest in lines]


def run_id_of(number: int) -> str:
    """Return the id of the run that transaction ``number`` makes."""
    return f"{number:032x}"


def model_id_of(number: int) -> str:
    """Return the id of the logged model that transaction ``number`` makes."""
    return f"m-{number:032x}"


def write_one(database: Database, content: ContentStore, number: int, *, keep: int = 5) -> str:
    """Do transaction ``number`` and return the digest of its file, once both are durable."""
    digest, size = content.put_bytes(f"file {number} ".encode() * (number % 700 + 1))
    with database.write() as connection:
        _insert(connection, number, digest, size)
        if number >= keep:
            runs.end(
                connection,
                run_id_of(number - keep),
                status=RunStatus.FINISHED,
                reason=None,
                message=None,
                ended_at=number,
            )
    return digest


def _insert(connection: Connection, number: int, digest: str, size: int) -> None:
    run_id = run_id_of(number)
    experiment_id, _ = experiments.ensure(connection, f"experiment {number % 7}", number)
    runs.insert(
        connection,
        runs.NewRunRow(
            run_id=run_id,
            experiment_id=experiment_id,
            name=f"run {number}",
            source_type="notebook",
            notebook="train.ipynb",
            user="olive",
            kernel_name="python3",
            time_limit=None,
            save_to=None,
            rerun_of=None,
            source_digest=digest,
            created_at=number,
            status=RunStatus.SCHEDULED,
            spec=b"{}",
            kernel_token=kernel_tokens.insert(connection, _kernel_token(number)),
        ),
    )
    runs.start(connection, run_id, number)
    given = Parameter(key="number", value=number, type="int", secret=False, origin="given")
    parameters.insert(connection, run_id, [given])
    tags.set(connection, run_id, "number", str(number))
    points = [
        Point(key="loss", value=step / 7, step=step, timestamp=number) for step in range(POINTS)
    ]
    metrics.append(connection, run_id, points)
    done = CellState.COMPLETED
    cell = Cell(
        index=0,
        cell_id="a",
        state=done,
        started_at=1,
        duration_ms=1,
        error_name=None,
        error_value=None,
    )
    cells.upsert(connection, run_id, cell)
    environments.put(connection, run_id, _environment(number))
    artifact = Artifact(
        path="file.txt",
        digest=digest,
        size=size,
        media_type="text/plain",
        preview="text",
        created_at=number,
    )
    artifacts.put(connection, run_id, artifact)
    _insert_model(connection, number, experiment_id, artifact)
    spool_cursors.put(connection, run_id, "worker-1-aaaaaaaa", number)
    request_keys.put(connection, "olive", f"key {number}", run_id.encode(), number)
    events.append(connection, EventType.RUN_CREATED, run_id, "olive")


def _insert_model(
    connection: Connection, number: int, experiment_id: int, artifact: Artifact
) -> None:
    """Make the model that comes out of the run, and say what the run read."""
    run_id, model_id = run_id_of(number), model_id_of(number)
    dataset = Dataset(DatasetKey(f"data {number % 7}", "1f"), "local", "{}")
    lineage.add_datasets(connection, run_id, [DatasetInput(dataset, {"context": "train"})])
    lineage.add_output_models(connection, run_id, [ModelOutput(model_id, 0)])
    row = logged_models.NewModelRow(
        model_id=model_id,
        experiment=experiment_id,
        name="model",
        model_type=None,
        source_run_id=run_id,
        user="olive",
        created_at=number,
    )
    seq = logged_models.insert(connection, row)
    logged_models.add_parameters(connection, seq, {"number": str(number)})
    logged_models.set_tags(connection, seq, {"number": str(number)})
    point = Point(key="loss", value=0.5, step=0, timestamp=number)
    logged_model_metrics.append(
        connection,
        place_of(connection, run_id),
        {model_id: seq},
        [ModelPoint(model_id, point, dataset.key)],
    )
    logged_model_artifacts.put(connection, model_id, artifact)


def _kernel_token(number: int) -> kernel_tokens.NewToken:
    return kernel_tokens.NewToken(
        digest=f"{number:064x}",
        user="olive",
        kernel_id=f"kernel {number}",
        run_id=None,
        notebook="train.ipynb",
        server="server",
        created_at=number,
        expires_at=number,
    )


def _environment(number: int) -> Environment:
    nothing = dict.fromkeys(Environment.__struct_fields__)
    packages = [Package(name=f"package{place}", version=str(number % 3)) for place in range(40)]
    return Environment(**{**nothing, "packages": packages})


def check(
    home: Path, acknowledged: list[Acknowledged], *, network: bool | None = None, since: int = 0
) -> int:
    """Assert that nothing acknowledged is missing, halved or damaged; return how many are there.

    Rows and files are read of the transactions from number ``since``.
    """
    database = Database.open(home / "store.db", network=network)
    content = ContentStore(home)
    try:
        with database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
            assert connection.execute(text("PRAGMA foreign_key_check")).first() is None
            present = list(connection.scalars(text("SELECT run_id FROM runs ORDER BY seq")))
            # A transaction is there with all its rows, and no earlier one is missing.
            assert present == [run_id_of(number) for number in range(len(present))]
            assert events.last_seq(connection) == len(present)
            for number in range(since, len(present)):
                _check_one(connection, content, number, present[number])
        missing = [item for item in acknowledged if item.number >= len(present)]
        assert missing == []
        for item in acknowledged:
            assert item.number < since or content.verify(item.digest)
    finally:
        database.close()
    return len(present)


def _check_one(connection: Connection, content: ContentStore, number: int, run_id: str) -> None:
    run = runs.get(connection, run_id)
    assert run.tags[0].value == str(number)
    assert run.parameters[0].value == number
    assert run.metrics[0].count == POINTS
    assert len(metrics.history(connection, run_id, "loss", 100).steps) == POINTS
    assert run.progress.cells_done == 1
    environment = environments.get(connection, run_id)
    assert environment is not None
    assert len(environment.packages) == 40
    assert spool_cursors.get(connection, run_id) == {"worker-1-aaaaaaaa": number}
    assert request_keys.find(connection, "olive", f"key {number}") == run_id.encode()
    model = logged_models.get(connection, model_id_of(number))
    assert (model.parameters, model.tags) == ([("number", str(number))], [("number", str(number))])
    assert [metric.run_id for metric in model.metrics] == [run_id]
    # A row exists only if its bytes do (durability row D3).
    assert content.verify(artifacts.get(connection, run_id, "file.txt").digest)
    assert content.verify(logged_model_artifacts.get(connection, model.model_id, "file.txt").digest)


def main(words: Sequence[str] | None = None) -> None:
    """Write until killed, or ``--count`` times, from the first number that is free."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--network", action="store_true")
    arguments.add_argument("--local", action="store_true")
    arguments.add_argument("--count", type=int, default=sys.maxsize)
    options = arguments.parse_args(words)
    network = True if options.network else False if options.local else None
    database = Database.open(options.home / "store.db", network=network)
    content = ContentStore(options.home)
    with database.read() as connection:
        first = int(connection.execute(text("SELECT count(*) FROM runs")).scalar_one())
    for number in range(first, first + options.count):
        digest = write_one(database, content, number)
        # One write: a kill leaves a whole line or none.
        os.write(1, f"{number} {digest}\n".encode())
    database.close()


if __name__ == "__main__":
    main()
