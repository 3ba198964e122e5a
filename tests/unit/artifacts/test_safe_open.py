"""Opening a file below a folder: nothing but a regular file of that folder (row S13)."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from jupyter_mlops.artifacts.safe_open import open_beneath
from jupyter_mlops.domain.errors import NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a file in it, beside a sibling with a longer name and a file outside."""
    (tmp_path / "root" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "root-sibling").mkdir()
    (tmp_path / "root" / "deep" / "er" / "file").write_bytes(b"inside")
    (tmp_path / "root-sibling" / "file").write_bytes(b"outside")
    return tmp_path / "root"


def test_a_regular_file_is_opened_also_below_a_root_that_is_a_link(folder: Path) -> None:
    (folder.parent / "way-in").symlink_to(folder)
    for root in (folder, folder.parent / "way-in"):
        with open_beneath(root, "deep/er/file") as file:
            assert file.read() == b"inside"


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "/",
        "/etc/passwd",
        "deep/../deep/er/file",
        "../root-sibling/file",
        "../root/deep/er/file",
        "deep//er/file",
        "deep/er/file/",
        "deep/er",
        "deep/er/file/x",
        "deep/er/missing",
        "deep\x00/er/file",
        "x" * 300,
    ],
)
def test_a_path_that_leads_elsewhere_or_nowhere_is_not_found(folder: Path, path: str) -> None:
    with pytest.raises(NotFound):
        open_beneath(folder, path)


def test_links_are_not_followed_at_any_depth(folder: Path) -> None:
    outside = folder.parent / "root-sibling"
    (folder / "file-link").symlink_to(outside / "file")
    (folder / "folder-link").symlink_to(outside)
    (folder / "inner-link").symlink_to("deep/er/file")
    os.link(outside / "file", folder / "hard-link")
    for path in ("file-link", "folder-link/file", "inner-link", "hard-link"):
        with pytest.raises(NotFound):
            open_beneath(folder, path)
    with open_beneath(folder, "hard-link", hard_links=True) as file:
        assert file.read() == b"outside"


def test_pipes_sockets_and_devices_are_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "null").symlink_to("/dev/null")
    listener = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(folder)
    try:
        listener.bind("socket")
    finally:
        os.chdir(here)
        listener.close()
    for path in ("fifo", "socket", "null"):
        with pytest.raises(NotFound):
            open_beneath(folder, path)
    with pytest.raises(NotFound):
        open_beneath(Path("/dev"), "null")


def test_a_folder_swapped_for_a_link_all_the_time_never_leads_out(folder: Path) -> None:
    outside, inside = folder.parent / "root-sibling", folder / "deep" / "er"
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            inside.rename(folder / "away")
            inside.symlink_to(outside)
            inside.unlink()
            (folder / "away").rename(inside)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    try:
        for _ in range(3_000):
            try:
                with open_beneath(folder, "deep/er/file") as file:
                    seen.add(file.read())
            except NotFound:
                seen.add(b"refused")
    finally:
        stop.set()
        swapper.join()
    assert seen <= {b"inside", b"refused"}


def test_no_descriptor_is_left_open(folder: Path) -> None:
    def opened() -> int:
        return len(list(Path("/dev/fd").iterdir()))

    before = opened()
    (folder / "link").symlink_to("deep")
    os.link(folder / "deep/er/file", folder / "twin")
    for path in ("link/er/file", "missing/file", "deep/er/missing", "twin", "deep/er"):
        with pytest.raises(NotFound):
            open_beneath(folder, path)
    assert opened() == before
