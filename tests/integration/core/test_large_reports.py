"""What one run reports, however much, is taken in by and by: the others do not wait for it."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from jupyter_mlops.domain import spool
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.services.batches import Batch, read_batch
from jupyter_mlops.store.run_limits import MAXIMUM
from tests.spool_files import OpenedRun
from tests.workspace import Workspace, until

# As many as a run keeps.
KEYS = MAXIMUM["metrics"]
FILES = 300


def batches(run: OpenedRun, store_file: object = None) -> list[Batch]:
    """Read a run to its end, as an intake does that is started anew for each batch."""
    cursors: dict[str, int] = {}
    found = []
    while True:
        batch = read_batch(run.directory.spools(), cursors, store_file or (lambda _record: None))  # type: ignore[arg-type]
        if not batch.cursors:
            return found
        cursors |= batch.cursors
        found.append(batch)


def test_a_record_of_many_keys_is_read_in_pieces_and_each_key_once(home: Path) -> None:
    run = OpenedRun(home)
    run.write("metrics", m={f"metric/{number}": number for number in range(KEYS)}, s=None)
    run.write("tags", g={f"tag {number}": "x" for number in range(5_000)})
    run.write("params", p={f"parameter {number}": "x" for number in range(5_000)})
    run.write("metrics", m={"last": 1}, s=None)
    read = batches(run)
    records = [record for batch in read for _, record in batch.records]
    metrics = [
        key for record in records if isinstance(record, spool.MetricsLogged) for key in record.m
    ]
    assert metrics == [*(f"metric/{number}" for number in range(KEYS)), "last"]
    tags = [key for record in records if isinstance(record, spool.TagsSet) for key in record.g]
    assert tags == [f"tag {number}" for number in range(5_000)]
    given = [
        key for record in records if isinstance(record, spool.ParametersLogged) for key in record.p
    ]
    assert given == [f"parameter {number}" for number in range(5_000)]
    in_one = [
        sum(len(record.m) for _, record in batch.records if isinstance(record, spool.MetricsLogged))
        for batch in read
    ]
    assert max(in_one) <= 2_000
    assert [batch.behind for batch in read] == [*[True] * (len(read) - 1), False]


def test_many_points_of_few_metrics_are_read_at_once(home: Path) -> None:
    run = OpenedRun(home)
    for step in range(5_000):
        run.write("metrics", m={"loss": step / 2}, s=step)
    assert len(batches(run)) == 1


def test_many_spools_of_one_run_share_a_batch(home: Path) -> None:
    run = OpenedRun(home)
    (first,) = run.directory.spools()
    keys = itertools.count()
    for _ in range(2_000):
        run.write("metrics", m={f"metric/{next(keys)}": 1}, s=None)
    for child in range(9):
        first.with_name(f"kernel-{child + 1}-00000000.spool").write_bytes(first.read_bytes())
    batch = batches(run)[0]
    writers = {writer for writer, _ in batch.records}
    assert len(writers) == 10
    assert len(batch.records) < 2_000


def test_no_further_file_is_stored_after_one_that_took_long(home: Path) -> None:
    run = OpenedRun(home)
    for number in range(3):
        run.stage(f"{number}.bin", b"x")
    run.write("metrics", m={"loss": 1}, s=None)
    stored: list[str] = []

    def slowly(record: spool.ArtifactStaged) -> None:
        stored.append(record.path)
        time.sleep(0.3)

    files = [
        [record.path for _, record in batch.records if isinstance(record, spool.ArtifactStaged)]
        for batch in batches(run, slowly)
    ]
    assert files == [["0.bin"], ["1.bin"], ["2.bin"]]
    assert stored == ["0.bin", "1.bin", "2.bin"]


def test_a_run_ends_while_another_reports_thousands_of_metrics_and_nothing_is_lost_or_doubled(
    workspace: Workspace,
) -> None:
    workspace.close()
    large = OpenedRun(workspace.home)
    large.write("metrics", m={f"metric/{number}": number for number in range(KEYS)}, s=None)
    for number in range(FILES):
        large.stage(f"files/{number}.txt", b"%d" % number)
    large.close()
    workspace.open_core()
    small = workspace.ended(workspace.submit(workspace.notebook("plain.ipynb", "1")).run_id)
    assert small.status is RunStatus.FINISHED
    # Not by looking at the run: it is long.
    until(lambda: not large.directory.path.exists(), "the end of the large run")
    run = workspace.run(large.run_id)
    assert run.status is RunStatus.FINISHED, run.message
    assert len(run.metrics) == KEYS
    assert {(metric.count, metric.step) for metric in run.metrics} == {(1, 0)}
    files = workspace.artifacts(large.run_id)
    assert len(files) == FILES
    log = workspace.events()
    # One event for each transaction.
    logged = [event for event in log if event.type is EventType.RUN_LOGGED]
    assert len(logged) >= KEYS / 2_000 + FILES / 100


def test_a_crash_between_two_pieces_of_a_record_neither_loses_nor_doubles_a_key(
    workspace: Workspace,
) -> None:
    workspace.close()
    run = OpenedRun(workspace.home)
    run.write("metrics", m={f"metric/{number}": number for number in range(9_000)}, s=None)
    run.close()
    for _ in range(3):
        # Each server is closed in the middle of it, as far as it came.
        workspace.open_core()
        while True:
            log = workspace.events()
            if any(event.type is EventType.RUN_LOGGED for event in log):
                break
        workspace.close()
    workspace.open_core()
    ended = workspace.ended(run.run_id)
    assert len(ended.metrics) == 9_000
    assert {(metric.count, metric.step) for metric in ended.metrics} == {(1, 0)}
