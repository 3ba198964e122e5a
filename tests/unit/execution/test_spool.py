from __future__ import annotations

import os
import resource
import stat
import threading
from binascii import crc32
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.domain.cells import CellState
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.domain.spool import WRITER_NAME, CellChanged, MetricsLogged, RunClosed, TagsSet
from jupyter_mlops.execution.spool import read_closing, read_records
from jupyter_mlops.execution.spool_writer import SpoolWriter


def tags(value: str) -> TagsSet:
    return TagsSet(g={"key": value}, ts=1)


def frame(body: bytes) -> bytes:
    return b"%08x %08x %b\n" % (len(body), crc32(body), body)


def values(records: list[object]) -> list[str]:
    return [record.g["key"] for record in records if isinstance(record, TagsSet)]


def test_what_is_written_is_read_back_in_order(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    cell = CellChanged(
        index=2,
        cell_id="a",
        state=CellState.FAILED,
        duration_ms=5,
        error_name="E",
        error_value="line\nbreak é \u2028",
        ts=1,
    )
    metrics = MetricsLogged(m={"loss": "NaN", "acc": 0.5}, s=None, ts=2)
    writer.write(cell, metrics)
    writer.write(tags("x"))
    assert writer.close()
    batch = read_records(writer.path, 0)
    assert batch.records == [cell, metrics, tags("x")]
    assert (batch.next_offset, batch.damaged) == (writer.path.stat().st_size, 0)
    assert read_records(writer.path, batch.next_offset).records == []


def test_the_end_of_a_run_is_found_at_the_end_of_a_long_spool_and_nowhere_else(
    tmp_path: Path,
) -> None:
    # The longest message, of characters that are the longest in JSON.
    closed = RunClosed(status=RunStatus.FAILED, reason=Reason.CELL_ERROR, message="", ts=3)
    body = msgspec.json.encode(closed).replace(b'""', b'"' + rb"\ud83d\ude00" * 1000 + b'"')
    writer = SpoolWriter(tmp_path)
    for _ in range(20):
        writer.write(tags("x" * 10_000))
    assert read_closing(writer.path) is None
    with writer.path.open("ab") as file:
        file.write(frame(body)[:-1])
    assert read_closing(writer.path) is None
    with writer.path.open("ab") as file:
        file.write(b"\ndamage\n")
    found = read_closing(writer.path)
    assert found is not None
    assert found.message == "😀" * 1000
    writer.write(tags("later"))
    assert read_closing(writer.path) is None
    writer.close()


def test_the_file_is_private_and_named_after_its_writer(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    writer.close()
    assert stat.S_IMODE(writer.path.stat().st_mode) == 0o600
    assert WRITER_NAME.fullmatch(writer.path.stem)
    assert f"worker-{os.getpid()}-" in writer.path.name


@pytest.mark.parametrize("kept", [0, 7, 17, 18, 30, 53])
def test_a_torn_record_is_left_until_it_is_whole(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "a.spool"
    first, second = (frame(b'{"t":"tags","g":{"key":"%b"},"ts":1}' % key) for key in (b"1", b"2"))
    path.write_bytes(first + second[:kept])
    batch = read_records(path, 0)
    assert (values(batch.records), batch.next_offset, batch.damaged) == (["1"], len(first), 0)
    path.write_bytes(first + second)
    assert values(read_records(path, batch.next_offset).records) == ["2"]


@pytest.mark.parametrize(
    "damage",
    [
        b"garbage\n",
        b"\n",
        b"\0" * 4096 + b"\n",
        frame(b'{"t":"tags","g":{"key":"x"},"ts":1}').replace(b'"x"', b'"y"'),
        frame(b'{"t":"unheard-of","ts":1}'),
        frame(b'{"t":"tags","g":7,"ts":1}'),
        frame(b"not json"),
        frame(b'{"t":"tags","g":{"key":"\xff"},"ts":1}'),
    ],
)
def test_a_damaged_record_is_counted_and_the_next_one_found(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "a.spool"
    good = frame(b'{"t":"tags","g":{"key":"1"},"ts":1}')
    path.write_bytes(good + damage + good)
    batch = read_records(path, 0)
    assert values(batch.records) == ["1", "1"]
    assert (batch.damaged, batch.next_offset) == (1, path.stat().st_size)


def test_reading_goes_on_in_batches_until_all_is_read(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    for number in range(40):
        writer.write(tags(f"{number} " + "x" * 100_000))
    writer.close()
    offset, found, batches = 0, [], 0
    while batch := read_records(writer.path, offset, 1_500_000):
        if not batch.records:
            break
        found += [value.split()[0] for value in values(list(batch.records))]
        offset, batches = batch.next_offset, batches + 1
    assert found == [str(number) for number in range(40)]
    assert batches > 2


def test_a_line_that_never_ends_does_not_stop_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.spool"
    good = frame(b'{"t":"tags","g":{"key":"1"},"ts":1}')
    path.write_bytes(b"x" * 3_000_000 + b"\n" + good)
    offset, found, damaged = 0, [], 0
    for _ in range(5):
        batch = read_records(path, offset, 1000)
        offset, damaged = batch.next_offset, damaged + batch.damaged
        found += values(list(batch.records))
    assert found == ["1"]
    assert damaged > 0
    assert offset == path.stat().st_size


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(frame(b'{"t":"tags","g":{"key":"1"},"ts":1}'))
    (tmp_path / "link.spool").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe.spool")
    for name in ("link.spool", "pipe.spool", "missing.spool"):
        with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
            read_records(tmp_path / name, 0)


def test_threads_may_write_at_once(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)

    def write(name: str) -> None:
        for number in range(200):
            writer.write(tags(f"{name}{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    found = values(list(read_records(writer.path, 0).records))
    for name in "ab":
        assert [value for value in found if value[0] == name] == [f"{name}{n}" for n in range(200)]


def test_a_record_over_the_limit_is_refused(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    with pytest.raises(ValueError, match="1048576"):
        writer.write(tags("x" * (1 << 20)))
    writer.write(tags("fits"))
    writer.close()
    assert values(list(read_records(writer.path, 0).records)) == ["fits"]


def test_records_that_a_full_disk_refused_are_written_when_there_is_room(tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path)
    writer.write(tags("first"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Room for a part of the second record, so that it is torn.
    limit = writer.path.stat().st_size + 30
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        writer.write(tags("second"))
        writer.write(tags("third"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert writer.close()
    batch = read_records(writer.path, 0)
    assert values(list(batch.records)) == ["first", "second", "third"]
    assert batch.damaged == 1
