from __future__ import annotations

import os
import stat
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.domain.errors import InvalidName
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from tests.process_chain import orders


def directory(home: Path) -> RunDirectory:
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    run.create(spec, b"{}")
    return run


def test_orders_are_read_as_they_were_written(home: Path) -> None:
    spec = orders(home, time_limit=2.5, environment_allowed=["A"])
    run = RunDirectory(home, spec.run_id)
    run.create(spec, b"source")
    assert run.read_spec() == spec
    assert run.source.read_bytes() == b"source"


def test_the_source_may_be_a_file(home: Path, tmp_path: Path) -> None:
    original = tmp_path / "original.ipynb"
    original.write_bytes(b"x" * 3_000_000)
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    run.create(spec, original)
    assert run.source.read_bytes() == original.read_bytes()


def test_everything_in_it_is_closed_to_others(home: Path) -> None:
    run = directory(home)
    run.write_reaper(ReaperIdentity(pid=1, pid_started=1.0, boot_id="b"))
    run.request_cancel()
    run.beat()
    for path in (run.path, *run.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_one_reaper_alone_can_claim_a_run(home: Path) -> None:
    run = directory(home)
    first = ReaperIdentity(pid=1, pid_started=1.0, boot_id="b")
    assert run.write_reaper(first)
    assert not run.write_reaper(ReaperIdentity(pid=2, pid_started=2.0, boot_id="b"))
    assert run.read_reaper() == first


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"pid": "x"}'])
def test_a_damaged_file_counts_as_absent(home: Path, damage: bytes) -> None:
    run = directory(home)
    run.reaper.write_bytes(damage)
    run.result.write_bytes(damage)
    assert run.read_reaper() is None
    assert run.read_result() is None


@pytest.mark.parametrize("name", ["", "..", "a/b", "A" * 32, "0" * 31, "0" * 33])
def test_only_a_run_id_names_a_directory(home: Path, name: str) -> None:
    with pytest.raises(InvalidName):
        RunDirectory(home, name)


def test_the_sockets_fit_into_the_path_of_a_unix_socket(home: Path) -> None:
    run = RunDirectory(home, new_run_id())
    # macOS allows 103 bytes; its temporary folder takes 49 of them.
    longest = run.sockets / "k-5"
    assert len(os.fsencode(longest)) - len(os.fsencode(longest.parents[1])) + 49 <= 103


def test_a_discarded_run_leaves_nothing(home: Path) -> None:
    run = directory(home)
    run.sockets.mkdir()
    (run.sockets / "k-1").touch()
    run.discard()
    assert not run.path.exists()
    assert not run.sockets.exists()


def test_a_beat_moves_the_time_of_the_heartbeat(home: Path) -> None:
    run = directory(home)
    run.beat()
    os.utime(run.heartbeat, (1, 1))
    run.beat()
    assert run.heartbeat.stat().st_mtime > 1


def test_the_spools_are_listed_by_name(home: Path) -> None:
    run = directory(home)
    for name in ("b.spool", "a.spool", "c.tmp"):
        (run.spool / name).touch()
    assert [path.name for path in run.spools()] == ["a.spool", "b.spool"]
    assert RunDirectory(home, new_run_id()).spools() == []


def test_a_spec_of_another_shape_is_refused(home: Path) -> None:
    run = directory(home)
    run.spec.write_bytes(b'{"run_id": 5}')
    with pytest.raises(msgspec.DecodeError):
        run.read_spec()
