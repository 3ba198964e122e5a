from __future__ import annotations

import itertools
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from jupyter_mlops.domain.errors import NotFound, TooLarge
from jupyter_mlops.safe_open import (
    LinkRefused,
    NotARegularFile,
    folder_beneath,
    open_beneath,
    read_beneath,
)
from tests.hostile_names import hostile_names


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "file").write_bytes(b"inside")
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    # A sibling whose name begins like the root's: a comparison of prefixes would take it.
    folder = tmp_path / "root-too"
    folder.mkdir()
    (folder / "file").write_bytes(b"outside")
    return folder


def test_a_regular_file_is_opened(root: Path) -> None:
    with open_beneath(root, "a/file") as file:
        assert file.read() == b"inside"
        assert os.get_blocking(file.fileno())


@pytest.mark.parametrize("path", ["a/gone", "gone/file", "a/file/more", "", "a/", "x" * 300])
def test_what_is_not_there_is_not_found(root: Path, path: str) -> None:
    with pytest.raises(NotFound):
        open_beneath(root, path)


def test_no_path_leads_out_of_the_root(root: Path, outside: Path) -> None:
    paths = ["../root-too/file", "a/../../root-too/file", str(outside / "file"), "./a/file"]
    for path in [*paths, *hostile_names()]:
        with pytest.raises(NotFound):
            open_beneath(root, path)


def test_no_link_is_followed_wherever_it_leads(root: Path, outside: Path) -> None:
    (root / "out").symlink_to(outside / "file")
    (root / "in").symlink_to(root / "a" / "file")
    (root / "folder").symlink_to(outside)
    (root / "broken").symlink_to(root / "gone")
    for path in ("out", "in", "folder/file", "broken", "out/file"):
        with pytest.raises(LinkRefused):
            open_beneath(root, path)


def test_folders_are_made_below_the_root_and_through_no_link(root: Path, outside: Path) -> None:
    for path in ("a/b/c", "a/b", ""):
        with folder_beneath(root, path, make=True):
            assert (root / path).is_dir()
    (root / "link").symlink_to(outside)
    (root / "inner").symlink_to(root / "a")
    for path in (
        "link",
        "link/made",
        "inner/made",
        "a/file",
        "a/file/made",
        "../made",
        "/made",
    ):
        with pytest.raises(NotFound), folder_beneath(root, path, make=True):
            pass
    assert sorted(path.name for path in outside.iterdir()) == ["file"]
    assert sorted(path.name for path in (root / "a").iterdir()) == ["b", "file"]


def test_a_second_name_of_a_file_is_taken_only_where_that_is_allowed(
    root: Path, outside: Path
) -> None:
    os.link(outside / "file", root / "hard")
    with pytest.raises(LinkRefused):
        open_beneath(root, "hard")
    with open_beneath(root, "hard", hard_links=True) as file:
        assert file.read() == b"outside"


def test_folder_pipe_socket_and_device_are_no_files_and_do_not_block(root: Path) -> None:
    os.mkfifo(root / "pipe")
    names = ["a", "pipe", "socket"]
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(root, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/socket")
        os.close(folder)
        for name in names:
            with pytest.raises(NotARegularFile):
                open_beneath(root, name)
    for device in ("null", "zero", "tty"):
        with pytest.raises(NotFound):
            open_beneath(Path("/dev"), device)


def test_a_part_that_is_exchanged_for_a_link_meanwhile_never_shows_the_outside(
    root: Path, outside: Path
) -> None:
    (root / "link").symlink_to(outside)
    (root / "real").mkdir()
    (root / "real" / "file").write_bytes(b"inside")
    stop = threading.Event()

    def exchange() -> None:
        while not stop.is_set():
            for source in ("real", "link"):
                (root / source).rename(root / "part")
                (root / "part").rename(root / source)

    thread = threading.Thread(target=exchange)
    thread.start()
    seen: set[bytes] = set()
    # Both sides of the race must be met, or the loop proves nothing.
    both = {b"inside", b"LinkRefused"}
    deadline = time.monotonic() + 60
    turns = 0
    try:
        while (turns < 5_000 or not both <= seen) and time.monotonic() < deadline:
            turns += 1
            try:
                with open_beneath(root, "part/file") as file:
                    seen.add(file.read())
            except NotFound as error:
                seen.add(type(error).__name__.encode())
    finally:
        stop.set()
        thread.join()
    assert both <= seen
    assert b"outside" not in seen


def test_nothing_stays_open_after_a_refusal(root: Path, outside: Path) -> None:
    (root / "out").symlink_to(outside / "file")
    os.mkfifo(root / "pipe")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("a/gone", "out", "pipe", "a", "a/file/x") * 20:
        with pytest.raises(NotFound):
            open_beneath(root, path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_no_more_of_a_file_is_read_than_it_may_hold(root: Path) -> None:
    assert read_beneath(root, "a/file", 6) == b"inside"
    with pytest.raises(TooLarge):
        read_beneath(root, "a/file", 5)


def test_a_folder_is_given_to_work_in(root: Path, outside: Path) -> None:
    with folder_beneath(root, "a") as folder:
        assert os.stat("file", dir_fd=folder).st_size == 6
    with folder_beneath(root, "") as folder:
        assert os.stat("a/file", dir_fd=folder).st_size == 6
    (root / "link").symlink_to(outside)
    for path in ("link", "a/file", "..", "a/../a", "/a", "gone"):
        with pytest.raises(NotFound), folder_beneath(root, path):
            pass


def interrupted_at(call: int, work: Callable[[], object]) -> bool:
    """Do ``work`` with Ctrl-C pressed when its so manyth call of C code comes back; tell if it had one.

    There Python looks for signals, and a profiler may raise what their handler would.
    """
    calls = itertools.count()

    def profile(frame: FrameType, event: str, function: object) -> None:
        if event == "c_return" and next(calls) == call:
            raise KeyboardInterrupt

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        work()
    except KeyboardInterrupt:
        return True
    finally:
        sys.setprofile(before)
    return False


def test_an_interrupt_at_any_moment_of_opening_is_told_as_one(root: Path) -> None:
    """Closed twice, a descriptor may be one that somebody else opened meanwhile."""
    (root / "a" / "b").mkdir()

    def pass_through() -> None:
        with folder_beneath(root, "a/b"):
            pass

    for call in itertools.count():
        if not interrupted_at(call, pass_through):
            break
    assert call > 5
