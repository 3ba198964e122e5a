"""Many runs put straight into the tables of a store, ours and MLflow's: the same in both.

Each run has 10 parameters, 20 metrics of one point, and a tag. Over HTTP MLflow would take hours.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from psycopg import sql
from sqlalchemy import Connection, Table, func, insert, literal, select, text

from jupyter_mlops.store import tables
from jupyter_mlops.store.database import Database

if TYPE_CHECKING:
    import psycopg

EXPERIMENT = 1
PARAMETERS = 10
METRICS = 20
SUBJECTS = ("red", "green", "blue")
_TOGETHER = 2_000
_BEGAN = 1_700_000_000_000
# Sorted once they take a fraction of what row by row takes, and are denser than those of a peer.
_INDEXES = [
    index
    for table in (tables.runs, tables.parameters, tables.tags, tables.metric_series)
    for index in sorted(table.indexes, key=lambda index: str(index.name))
]


@dataclass(frozen=True)
class Sample:
    """What one run holds."""

    number: int
    run_id: str
    parameters: list[str]
    metrics: list[float]
    subject: str

    @property
    def began(self) -> int:
        """When it began, in milliseconds."""
        return _BEGAN + 1000 * self.number


def samples(count: int) -> Iterator[list[Sample]]:
    """Yield the runs in parts; the same ones for the same count."""
    chance = random.Random(count)  # noqa: S311 - nothing secret
    for start in range(0, count, _TOGETHER):
        yield [
            Sample(
                number=number,
                run_id=f"{number:032x}",
                parameters=[str(chance.randrange(20)) for _ in range(PARAMETERS)],
                metrics=[chance.random() for _ in range(METRICS)],
                subject=chance.choice(SUBJECTS),
            )
            for number in range(start + 1, min(count, start + _TOGETHER) + 1)
        ]


def ours(place: Path | str, count: int, *, alone: bool = False) -> None:
    """Fill a store of ours: the folder of an embedded one, or the address of a PostgreSQL database.

    ``alone``, with no peer beside it, its indexes are made at the end.
    """
    indexes = _INDEXES if alone else []
    if isinstance(place, Path):
        place.mkdir(parents=True, mode=0o700)
        place = place / "store.db"
    database = Database.open(place)
    with database.write() as connection:
        for index in indexes:
            index.drop(connection)
        connection.execute(
            insert(tables.experiments),
            {
                "id": EXPERIMENT,
                "name": "filled",
                "canonical_name": "filled",
                "description": "",
                "created_at": _BEGAN,
                "updated_at": _BEGAN,
            },
        )
    for part in samples(count):
        with database.write() as connection:
            _insert_ours(connection, part)
    with database.write() as connection:
        for index in indexes:
            index.create(connection)
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection)
    database.close()


def _go_on_counting(connection: Connection) -> None:
    """Have PostgreSQL give later rows other numbers, and know what is in the tables."""
    for column in (tables.experiments.c.id, tables.runs.c.seq, tables.metric_series.c.id):
        counter = func.pg_get_serial_sequence(column.table.name, column.name)
        connection.execute(select(func.setval(counter, func.max(column))))
    # It does that by itself a minute later.
    connection.execute(text("ANALYZE"))


def _insert_ours(connection: Connection, part: list[Sample]) -> None:
    connection.execute(
        insert(tables.runs),
        [
            {
                "seq": run.number,
                "run_id": run.run_id,
                "experiment_id": EXPERIMENT,
                "name": f"run {run.number}",
                "status": "FINISHED",
                "source_type": "client",
                "user": "bench",
                "created_at": run.began,
                "started_at": run.began,
                "ended_at": run.began + 500,
                "duration_ms": 500,
                "key_series": _first_series(run),
            }
            for run in part
        ],
    )
    _put(
        connection,
        tables.parameters,
        [
            {
                "run": run.number,
                "key": f"p{index}",
                "position": index,
                "value": value,
                "type": "str",
                "secret": False,
                "origin": "logged",
                "experiment": EXPERIMENT,
                "text": value,
            }
            for run in part
            for index, value in enumerate(run.parameters)
        ],
    )
    connection.execute(
        insert(tables.tags),
        [
            {"run": run.number, "key": "subject", "value": run.subject, "experiment": EXPERIMENT}
            for run in part
        ],
    )
    connection.execute(
        insert(tables.run_texts),
        [
            {"run": run.number, "text": f"run {run.number} {' '.join(run.parameters)}"}
            for run in part
        ],
    )
    _put(
        connection,
        tables.metric_series,
        [
            {
                "id": _first_series(run) + index,
                "run": run.number,
                "key": f"m{index}",
                "point_count": 1,
                "experiment": EXPERIMENT,
                "value": value,
                "step": 0,
                "timestamp": run.began,
                "minimum": value,
                "maximum": value,
                "sparkline": [value],
                "sparkline_stride": 1,
            }
            for run in part
            for index, value in enumerate(run.metrics)
        ],
    )
    _insert_points(connection, part)


def _put(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Put many rows into a table, in which none of their columns has a default that counts."""
    dialect, names = connection.dialect, list(rows[0])
    if dialect.name != "postgresql":
        connection.execute(insert(table), rows)
        return
    stored = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    parts = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    with driver.cursor() as cursor, cursor.copy(parts) as copy:
        for row in rows:
            copy.write_row(
                [
                    row[name] if process is None else process(row[name])
                    for name, process in zip(names, stored, strict=True)
                ]
            )


def _first_series(run: Sample) -> int:
    return METRICS * (run.number - 1) + 1


def _insert_points(connection: Connection, part: list[Sample]) -> None:
    """Make the points and summaries of series that have one point."""
    series = tables.metric_series.c
    latest = {"step": series.step, "timestamp": series.timestamp, "value": series.value}
    extent = {"minimum": series.minimum, "maximum": series.maximum}
    of_part = series.id.between(_first_series(part[0]), _first_series(part[-1]) + METRICS - 1)
    for table, number, columns in (
        (tables.metric_points, "position", latest),
        (tables.metric_summaries, "bucket", latest | extent),
    ):
        rows = select(series.id, literal(0), *columns.values()).where(of_part)
        connection.execute(insert(table).from_select(["series", number, *columns], rows))


def theirs(folder: Path, count: int) -> None:
    """Fill the store that an MLflow server made in ``folder``."""
    with sqlite3.connect(folder / "mlflow.db") as connection:
        connection.execute(
            "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage,"
            " creation_time, last_update_time) VALUES (?, 'filled', ?, 'active', ?, ?)",
            (EXPERIMENT, f"mlflow-artifacts:/{EXPERIMENT}", _BEGAN, _BEGAN),
        )
        for part in samples(count):
            _insert_theirs(connection, part)
    connection.close()


def _insert_theirs(connection: sqlite3.Connection, part: list[Sample]) -> None:
    connection.executemany(
        "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id,"
        " status, start_time, end_time, source_version, lifecycle_stage, artifact_uri,"
        " experiment_id) VALUES (?, ?, 'UNKNOWN', '', '', 'bench', 'FINISHED', ?, ?, '',"
        " 'active', ?, ?)",
        [
            (
                run.run_id,
                f"run {run.number}",
                run.began,
                run.began + 500,
                f"mlflow-artifacts:/{EXPERIMENT}/{run.run_id}/artifacts",
                EXPERIMENT,
            )
            for run in part
        ],
    )
    connection.executemany(
        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
        [
            (f"p{index}", value, run.run_id)
            for run in part
            for index, value in enumerate(run.parameters)
        ],
    )
    connection.executemany(
        "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
        [
            pair
            for run in part
            for pair in (
                ("subject", run.subject, run.run_id),
                ("mlflow.runName", f"run {run.number}", run.run_id),
                ("mlflow.user", "bench", run.run_id),
            )
        ],
    )
    values = [
        (f"m{index}", value, run.began, 0, False, run.run_id)
        for run in part
        for index, value in enumerate(run.metrics)
    ]
    for table in ("metrics", "latest_metrics"):
        connection.executemany(
            f"INSERT INTO {table} (key, value, timestamp, step, is_nan, run_uuid)"  # noqa: S608 - two fixed names
            " VALUES (?, ?, ?, ?, ?, ?)",
            values,
        )
