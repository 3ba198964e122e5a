from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from jupyter_mlops.domain.errors import InvalidName
from jupyter_mlops.domain.names import new_run_id
from jupyter_mlops.domain.run_spec import RunResult
from jupyter_mlops.domain.runs import RunStatus
from jupyter_mlops.execution.run_directory import ReaperIdentity, RunDirectory
from jupyter_mlops.execution.unfinished import close_unfinished
from tests.process_chain import orders
from tests.spool_files import Records


def ending(run_id: str) -> RunResult:
    return RunResult(
        run_id=run_id,
        protocol=1,
        status=RunStatus.FINISHED,
        reason=None,
        message=None,
        ended_at=1,
        duration_ms=1,
        cpu_seconds=0.0,
        peak_memory_bytes=0,
        failing_cell=None,
        secrets_masked=0,
    )


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


# Kills itself at one system call after the other that ``create`` asks the interpreter for.
KILLED_AT_EACH_STEP = """
import os, signal, sys
from pathlib import Path
import msgspec
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.execution.run_directory import RunDirectory

spec = msgspec.json.decode(sys.stdin.buffer.read(), type=RunSpec)
homes, source = Path(sys.argv[1]), Path(sys.argv[2])
source = source if sys.argv[3] == "file" else source.read_bytes()
STEPS = {"open", "os.mkdir", "os.chmod", "os.rename", "os.remove", "os.rmdir"}
status, step = 1, 0
while status:
    home = homes / str(step)
    child = os.fork()
    if child == 0:
        left = step
        def count(event, _):
            global left
            if event in STEPS:
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
        sys.addaudithook(count)
        RunDirectory(home, spec.run_id).create(spec, source)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status:
        step += 1
print(step)
"""


@pytest.mark.parametrize("source_as", ["file", "bytes"])
def test_a_server_killed_while_it_makes_the_directory_leaves_a_whole_one_or_none(
    tmp_path: Path, source_as: str
) -> None:
    homes, source = tmp_path / "homes", tmp_path / "source.ipynb"
    homes.mkdir()
    source.write_bytes(b"{}")
    program = [sys.executable, "-c", KILLED_AT_EACH_STEP, str(homes), str(source), source_as]
    spec = msgspec.json.encode(orders(homes))
    ended = subprocess.run(program, input=spec, capture_output=True, check=True)
    assert int(ended.stdout) > 10
    whole = 0
    for runs in homes.glob("*/runs"):
        for path in runs.iterdir():
            run = RunDirectory(runs.parent, path.name)
            assert run.read_spec().run_id == path.name
            assert run.source.read_bytes() == b"{}"
            assert run.spool.is_dir()
            assert run.staged.is_dir()
            run.write_result(ending(path.name))
            assert run.read_result() == ending(path.name)
            whole += 1
    # The last step is to make the name of the directory durable; then nothing kills.
    assert whole == 2


def test_what_a_kill_left_behind_is_not_in_the_way_of_the_run(home: Path) -> None:
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    # What earlier versions left: the directory without the orders.
    run.spool.mkdir(parents=True)
    run.source.write_bytes(b"half")
    run.create(spec, b"whole")
    assert run.source.read_bytes() == b"whole"
    assert run.read_spec() == spec


def test_a_directory_that_is_there_is_left_as_it_is(home: Path) -> None:
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    run.create(spec, b"first")
    (run.spool / "a.spool").touch()
    run.create(spec, b"second")
    assert run.source.read_bytes() == b"first"
    assert len(run.spools()) == 1
    assert list((home / "tmp").iterdir()) == []


def test_a_directory_that_cannot_be_made_leaves_nothing(home: Path, tmp_path: Path) -> None:
    spec = orders(home)
    run = RunDirectory(home, spec.run_id)
    with pytest.raises(FileNotFoundError):
        run.create(spec, tmp_path / "missing.ipynb")
    assert not run.path.exists()
    assert list((home / "tmp").iterdir()) == []


def test_a_home_is_made_private_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        run = directory(tmp_path / "new" / "home")
    finally:
        os.umask(before)
    for path in (run.home, run.path.parent, run.home / "tmp", run.path, *run.path.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


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


def test_a_cancel_passed_on_meanwhile_does_not_keep_the_directory_of_a_discarded_run(
    home: Path,
) -> None:
    gone = threading.Event()
    runs: list[RunDirectory] = [directory(home)]

    def cancel_all_the_time() -> None:
        while not gone.wait(0.002):
            with suppress(OSError):
                runs[-1].request_cancel()

    canceller = threading.Thread(target=cancel_all_the_time)
    canceller.start()
    try:
        for _ in range(30):
            runs.append(directory(home))
            runs[-1].discard()
            assert not runs[-1].path.exists()
    finally:
        gone.set()
        canceller.join()


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


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(8 << 30)


def link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere.json")
    elsewhere.write_bytes(msgspec.json.encode(ending("0" * 32)))
    path.symlink_to(elsewhere)


def folder(path: Path) -> None:
    path.mkdir()


def deep(path: Path) -> None:
    path.write_bytes(b"[" * 60_000)


STRANGE = [pipe, endless, huge, link, folder, deep]


@pytest.mark.parametrize("make", STRANGE)
def test_what_a_notebook_puts_in_the_place_of_a_file_is_neither_waited_for_nor_read(
    home: Path, make: Callable[[Path], None]
) -> None:
    run = directory(home)
    make(run.result)
    make(run.reaper)
    make(run.executed)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert run.read_result() is None
    assert run.read_reaper() is None
    assert close_unfinished(run) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 50_000


def test_a_directory_that_became_a_link_is_not_read_and_is_removed(home: Path) -> None:
    run, other = directory(home), directory(home)
    other.write_result(ending(other.run_id))
    run.path.rename(home / "aside")
    run.path.symlink_to(other.path)
    assert run.read_result() is None
    run.discard()
    assert not run.path.is_symlink()
    assert other.read_result() is not None


@pytest.mark.parametrize("make", [pipe, endless, folder, link])
def test_a_cancel_waits_for_nobody_whatever_is_in_its_place(
    home: Path, make: Callable[[Path], None]
) -> None:
    run = directory(home)
    make(run.cancel)
    run.request_cancel()
    assert run.cancel_requested()


@pytest.mark.parametrize("make", [pipe, endless, folder])
def test_spools_are_files(home: Path, make: Callable[[Path], None]) -> None:
    run = directory(home)
    make(run.spool / "kernel-1-00000000.spool")
    (run.spool / "kernel-2-00000000.spool").touch()
    assert [path.name for path in run.spools()] == ["kernel-2-00000000.spool"]


def test_a_staged_file_is_removed_in_the_directory_only(home: Path, tmp_path: Path) -> None:
    run = directory(home)
    (run.staged / "folder").mkdir()
    (run.staged / "folder" / "file").touch()
    run.remove_staged("folder/file")
    assert not list((run.staged / "folder").iterdir())
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (run.staged / "link").symlink_to(tmp_path / "kept")
    run.remove_staged("link/file")
    assert (tmp_path / "kept" / "file").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "null",
        "{}",
        '{"cells": {}}',
        '{"cells": [1, null, {"metadata": 1}, {"metadata": {"papermill": 1}}]}',
        '{"cells": [], "metadata": []}',
        "",
    ],
)
def test_an_executed_notebook_that_is_none_does_not_keep_a_run_from_its_end(
    home: Path, text: str
) -> None:
    run = directory(home)
    run.executed.write_text(text)
    cell = {"cell_id": None, "state": "running", "duration_ms": None}
    for index in range(4):
        Records(run).write("cell", index=index, error_name=None, error_value=None, **cell)
    assert close_unfinished(run) == 0
