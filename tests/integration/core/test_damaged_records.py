"""Records that can never be taken in are counted where the user sees it, and hold nothing up."""

from __future__ import annotations

from binascii import crc32
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.run_directory import RunDirectory
from jupyter_mlops.services import dispatcher as dispatching
from jupyter_mlops.services.dispatcher import Dispatcher
from jupyter_mlops.store import artifacts, events, runs
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tags import DAMAGED_RECORDS
from tests.claimed_run import claimed, dispatcher, record
from tests.spool_files import OpenedRun, Records

ANOTHER_START = "00000000-0000-0000-0000-000000000000:1"
NOBODY = 2**22 + 1


@pytest.fixture(autouse=True)
def _eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take in at each round."""
    monkeypatch.setattr(dispatching, "TAKE_IN_SECONDS", 0.0)


@pytest.fixture
def made(home: Path, database: Database) -> Dispatcher:
    """A dispatcher whose rounds the test does itself."""
    return dispatcher(home, database)


def damage(directory: RunDirectory) -> None:
    """Put a line into the newest spool that is no record."""
    with directory.spools()[-1].open("ab") as spool:
        spool.write(b"what a disk made of it\n")


def run_of(database: Database, run_id: str) -> runs.Run:
    with database.read() as connection:
        return runs.get(connection, run_id)


def damaged(database: Database, run_id: str) -> str | None:
    tags = {tag.key: tag.value for tag in run_of(database, run_id).tags}
    return tags.get(DAMAGED_RECORDS)


def logged(database: Database) -> int:
    """Return how often the log of events tells that a run logged something."""
    with database.read() as connection:
        page = events.after(connection, 0, 1_000)
    return sum(event.type is EventType.RUN_LOGGED for event in page.events)


def test_damaged_records_add_up_and_each_batch_of_them_is_an_event(
    home: Path, database: Database, made: Dispatcher
) -> None:
    directory = claimed(home)
    record(database, directory)
    Records(directory).write("metrics", m={"loss": 1.0}, s=None)
    made.cycle()
    before = logged(database)
    for count in range(1, 4):
        damage(directory)
        made.cycle()
        assert damaged(database, directory.run_id) == str(count)
        assert logged(database) == before + count
    made.close()


def test_a_count_that_the_run_wrote_over_begins_anew(
    home: Path, database: Database, made: Dispatcher
) -> None:
    directory = claimed(home)
    record(database, directory)
    Records(directory).write("tags", g={DAMAGED_RECORDS: "some"})
    made.cycle()
    damage(directory)
    made.cycle()
    assert damaged(database, directory.run_id) == "1"
    made.close()


def test_another_content_of_a_lost_runs_file_is_refused_and_the_rest_is_taken_in(
    home: Path, database: Database, made: Dispatcher
) -> None:
    opened = OpenedRun(home, boot_id=ANOTHER_START, machine="elsewhere:", pid=NOBODY)
    opened.stage("model.txt", b"first")
    opened.written_ago(4_000)
    made.cycle()
    assert run_of(database, opened.run_id).reason is Reason.LOST
    first = files(database, opened.run_id)
    with pytest.warns(UserWarning, match="made anew"):
        opened.write("metrics", m={"loss": 1.0}, s=0)
    opened.stage("model.txt", b"second")
    opened.write("metrics", m={"loss": 0.5}, s=1)
    opened.close()
    for _ in range(3):
        made.cycle()
    run = run_of(database, opened.run_id)
    assert (run.status, run.reason) == (RunStatus.FINISHED, None)
    assert [item.value for item in run.metrics] == [0.5]
    assert files(database, opened.run_id) == first
    assert damaged(database, opened.run_id) == "1"
    assert not opened.directory.path.exists()
    made.close()


def files(database: Database, run_id: str) -> list[Artifact]:
    with database.read() as connection:
        return artifacts.for_run(connection, run_id)


def framed(record: dict[str, object]) -> bytes:
    """Return a record as a spool holds it."""
    body = msgspec.json.encode(record)
    return b"%08x %08x %s\n" % (len(body), crc32(body), body)


HUGE = 2**64


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("metrics", {"m": {"loss": 1.0}, "s": None, "ts": HUGE}),
        ("run.started", {"cells_total": HUGE}),
        ("cell", {"index": HUGE, "duration_ms": 1}),
        ("cell", {"index": 0, "duration_ms": HUGE}),
        ("cell", {"index": -1, "duration_ms": None}),
        ("run.close", {"status": "RUNNING", "reason": None, "message": None}),
        ("run.close", {"status": "FINISHED", "reason": "lost", "message": None}),
    ],
)
def test_a_number_or_an_end_that_no_store_holds_is_damage(
    home: Path, database: Database, made: Dispatcher, kind: str, fields: dict[str, object]
) -> None:
    directory = claimed(home)
    record(database, directory)
    if kind == "cell":
        fields = {
            "cell_id": None,
            "state": "completed",
            "error_name": None,
            "error_value": None,
            **fields,
        }
    # Whoever writes to the spools of a run may call itself its worker.
    with (directory.spool / "worker-1-00000000.spool").open("ab") as spool:
        spool.write(framed({"t": kind, "ts": 2_000, **fields}))
        spool.write(framed({"t": "metrics", "m": {"behind": 1.0}, "s": None, "ts": 2_000}))
    made.cycle()
    run = run_of(database, directory.run_id)
    assert [item.key for item in run.metrics] == ["behind"]
    assert damaged(database, directory.run_id) == "1"
    made.close()


def test_text_with_nul_in_the_frame_of_a_run_from_code_is_stored(
    home: Path, database: Database, made: Dispatcher
) -> None:
    opened = OpenedRun(home, user="a\0da", source_path="a\0b.py", name="a\0b")
    opened.write("run.close", status="FAILED", reason="cell_error", message="a\0b")
    for _ in range(3):
        made.cycle()
    run = run_of(database, opened.run_id)
    assert (run.user, run.notebook, run.message) == ("a\ufffdda", "a\ufffdb.py", "a\ufffdb")
    assert run.status is RunStatus.FAILED
    made.close()


def test_a_run_that_a_newer_version_opened_is_left_and_told_of_once(
    home: Path, database: Database, made: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    opened = OpenedRun(home, protocol=99)
    opened.stage("notes.txt", b"notes")
    plain = OpenedRun(home)
    for _ in range(3):
        made.cycle()
    assert run_of(database, plain.run_id).status is RunStatus.RUNNING
    with database.read() as connection:
        assert runs.find(connection, opened.run_id) is None
    assert len(list(opened.directory.staged.iterdir())) == 1
    messages = [item.getMessage() for item in caplog.records]
    assert len(messages) == 1
    assert f"run {opened.run_id}" in messages[0]
    assert "newer version" in messages[0]
    made.close()


def test_a_result_of_a_newer_version_is_not_taken_for_a_loss(
    home: Path, database: Database, made: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    directory = claimed(home)
    record(database, directory)
    result = {
        "run_id": directory.run_id,
        "protocol": 99,
        "status": "FINISHED",
        "reason": None,
        "message": None,
        "ended_at": 1,
        "duration_ms": 1,
        "cpu_seconds": 0.0,
        "peak_memory_bytes": 1,
        "failing_cell": None,
        "secrets_masked": 0,
    }
    directory.result.write_bytes(msgspec.json.encode(result))
    for _ in range(3):
        made.cycle()
    assert run_of(database, directory.run_id).status is RunStatus.RUNNING
    assert directory.path.exists()
    assert "newer version" in caplog.text
    made.close()
    directory.result.write_bytes(msgspec.json.encode(result | {"protocol": 1}))
    updated = dispatcher(home, database)
    updated.cycle()
    updated.close()
    assert run_of(database, directory.run_id).status is RunStatus.FINISHED
