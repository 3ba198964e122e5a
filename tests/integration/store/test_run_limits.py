"""However much a run logs, what is read of it stays small, and it tells what was left out (row S8)."""

from __future__ import annotations

import pytest

from jupyter_mlops.domain import spool
from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.services.record_writer import RecordWriter
from jupyter_mlops.store import artifacts, run_limits, runs
from jupyter_mlops.store.database import Database
from tests.integration.store.conftest import NewRun


def write(database: Database, run_id: str, *records: spool.Record) -> None:
    with database.write() as connection:
        staged = {
            record.file: Artifact(
                path=record.path,
                digest=f"sha256:{record.sha256}",
                size=record.size,
                media_type="text/plain",
                preview="text",
                created_at=record.ts,
            )
            for record in records
            if isinstance(record, spool.ArtifactStaged)
        }
        writer = RecordWriter(connection, run_id, staged)
        for record in records:
            writer.apply(record, from_worker=False)
        writer.finish("olive", 0)


def named(count: int, first: int = 0) -> list[str]:
    return [f"key{number:05}" for number in range(first, first + count)]


def test_a_run_keeps_the_first_metrics_and_their_later_values(
    database: Database, new_run: NewRun
) -> None:
    run_id, most = new_run(), run_limits.MAXIMUM["metrics"]
    keys = named(most + 500)
    for start in range(0, len(keys), 500):
        piece = dict.fromkeys(keys[start : start + 500], 1.0)
        write(database, run_id, spool.MetricsLogged(m=piece, s=0, ts=1))
    write(database, run_id, spool.MetricsLogged(m={keys[0]: 2.0, keys[-1]: 2.0}, s=1, ts=1))
    with database.read() as connection:
        run = runs.get(connection, run_id)
    assert [metric.key for metric in run.metrics] == keys[:most]
    assert run.metrics[0].value == 2.0
    assert [(tag.key, tag.value) for tag in run.tags] == [
        ("mlops.over_limit.metrics", f"Only the first {most} are kept.")
    ]


def test_a_run_keeps_the_first_tags_and_parameters(database: Database, new_run: NewRun) -> None:
    run_id, most = new_run(), run_limits.MAXIMUM["tags"]
    for first in range(0, most + 200, 300):
        write(
            database,
            run_id,
            spool.TagsSet(g=dict.fromkeys(named(300, first), "v"), ts=1),
            spool.ParametersLogged(p=dict.fromkeys(named(300, first), 1), ts=1),
        )
    write(database, run_id, spool.TagsSet(g={"key00000": "changed"}, ts=1))
    with database.read() as connection:
        run = runs.get(connection, run_id)
    assert [item.key for item in run.parameters] == named(run_limits.MAXIMUM["parameters"])
    assert [tag.key for tag in run.tags] == [
        *named(most),
        "mlops.over_limit.parameters",
        "mlops.over_limit.tags",
    ]
    assert run.tags[0].value == "changed"


def test_a_run_keeps_the_first_files(
    database: Database, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(run_limits.MAXIMUM, "files", 3)
    run_id = new_run()
    for number in range(5):
        record = spool.ArtifactStaged(
            path=f"{number}.txt", file=str(number), size=1, sha256="0" * 64, ts=1
        )
        write(database, run_id, record)
    with database.read() as connection:
        kept = artifacts.for_run(connection, run_id)
        told = runs.get(connection, run_id).tags
    assert [file.path for file in kept] == ["0.txt", "1.txt", "2.txt"]
    assert [tag.key for tag in told] == ["mlops.over_limit.files"]
