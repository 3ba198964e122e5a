from __future__ import annotations

import os
import socket
import sys
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.actors import owner
from jupyter_mlops.domain.errors import InvalidNotebook, MlopsError, NotFound
from jupyter_mlops.services.notebooks import NotebookService
from jupyter_mlops.settings import MAX_NOTEBOOK_BYTES
from jupyter_mlops.store.database import Database
from tests.notebook_files import write

ADA = owner("ada")


def refusal(notebooks: NotebookService, path: str) -> MlopsError:
    with pytest.raises(MlopsError) as caught:
        notebooks.inspect(ADA, path)
    assert caught.value.status < 500
    assert caught.value.field == "path"
    return caught.value


@pytest.mark.parametrize(
    "path",
    [
        "a{b}.ipynb",
        "{x.__class__}.ipynb",
        "with space/my notebook.ipynb",
        "Übung/日本語 ноутбук.ipynb",
        unicodedata.normalize("NFD", "é.ipynb"),
        "100%.ipynb",
        "a#b?c.ipynb",
        'it\'s "quoted".ipynb',
        "a:b.ipynb",
        "$(id).ipynb",
        "-rf.ipynb",
    ],
)
def test_any_name_that_jupyter_shows_is_read(
    notebooks: NotebookService, root: Path, path: str
) -> None:
    write(root / path)
    assert notebooks.inspect(ADA, path).path == path


def test_a_document_of_the_shared_drive_is_the_file_on_disk(
    notebooks: NotebookService, root: Path
) -> None:
    write(root / "a" / "train.ipynb")
    assert notebooks.inspect(ADA, "RTC:a/train.ipynb").path == "a/train.ipynb"


def test_a_missing_notebook_is_not_found(notebooks: NotebookService) -> None:
    error = refusal(notebooks, "gone/train.ipynb")
    assert isinstance(error, NotFound)
    assert "renamed or moved" in error.message


OUTSIDE = [
    "/etc/passwd",
    "/train.ipynb",
    "//proc/self/root/train.ipynb",
    "../train.ipynb",
    "a/../../train.ipynb",
    "..",
    ".",
    "",
    "a//train.ipynb",
    "./train.ipynb",
    "a/",
    "\\\\host\\share\\train.ipynb",
    "..\\train.ipynb",
    "C:\\train.ipynb",
    "file:///etc/train.ipynb",
    "file:train.ipynb",
    "http://127.0.0.1/train.ipynb",
    "https:train.ipynb",
    "s3://bucket/train.ipynb",
    "gs:bucket/train.ipynb",
    "ftp:train.ipynb",
    "GDrive:train.ipynb",
    "runs:/1/train.ipynb",
    "train.ipynb\0",
    "\0train.ipynb",
    "a\ntrain.ipynb",
    "\ud800.ipynb",
    "x" * 1020 + ".ipynb",
    ".hidden.ipynb",
    ".ssh/train.ipynb",
    "a/.ipynb_checkpoints/train.ipynb",
    "train.py",
    "train",
    "train.ipynb.txt",
    "RTC:../train.ipynb",
    "RTC:RTC:train.ipynb",
    "RTC:/etc/train.ipynb",
]

_opened: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in ("open", "os.listdir", "socket.connect"):
        _opened.append(f"{event} {arguments[0]!r}")


@contextmanager
def watched() -> Iterator[list[str]]:
    """Record what this process opens or connects to."""
    global _watching  # noqa: PLW0603 - an audit hook can be added, never removed
    if "hook" not in vars(_watch):
        sys.addaudithook(_watch)
        vars(_watch)["hook"] = True
    _opened.clear()
    _watching = True
    try:
        yield _opened
    finally:
        _watching = False


def test_the_watch_sees_what_is_opened(root: Path) -> None:
    write(root / "train.ipynb")
    with watched() as opened:
        (root / "train.ipynb").read_bytes()
        with socket.socket() as connection:
            connection.connect_ex(("127.0.0.1", 9))
    assert len(opened) == 2


@pytest.mark.parametrize("path", OUTSIDE, ids=ascii)
def test_a_path_that_leads_elsewhere_is_refused_before_anything_is_opened(
    notebooks: NotebookService, path: str
) -> None:
    with watched() as opened:
        error = refusal(notebooks, path)
    assert isinstance(error, InvalidNotebook)
    assert opened == []


def test_a_link_is_refused_wherever_it_leads(
    notebooks: NotebookService, root: Path, tmp_path: Path
) -> None:
    outside = write(tmp_path / "outside" / "train.ipynb")
    inside = write(root / "train.ipynb")
    (root / "out.ipynb").symlink_to(outside)
    (root / "in.ipynb").symlink_to(inside)
    (root / "folder").symlink_to(outside.parent)
    (root / "broken.ipynb").symlink_to(root / "gone")
    for path in ("out.ipynb", "in.ipynb", "folder/train.ipynb", "broken.ipynb"):
        error = refusal(notebooks, path)
        assert isinstance(error, InvalidNotebook)
        assert "symbolic link" in error.message


def test_a_root_that_is_itself_a_link_works(
    tmp_path: Path, store: Database, content: ContentStore
) -> None:
    write(tmp_path / "real" / "train.ipynb")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    notebooks = NotebookService(tmp_path / "link", store, content, max_bytes=MAX_NOTEBOOK_BYTES)
    source = notebooks.read_source("train.ipynb")
    assert source.folder == tmp_path.resolve() / "real"


def test_a_notebook_that_an_installer_linked_from_its_cache_is_read(
    notebooks: NotebookService, root: Path, tmp_path: Path
) -> None:
    os.link(write(tmp_path / "cached.ipynb"), root / "train.ipynb")
    assert notebooks.inspect(ADA, "train.ipynb").code_cells == 2


def test_a_folder_or_pipe_named_like_a_notebook_is_refused_at_once(
    notebooks: NotebookService, root: Path
) -> None:
    (root / "folder.ipynb").mkdir()
    os.mkfifo(root / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(root, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/socket.ipynb")
        os.close(folder)
        for path in ("folder.ipynb", "pipe.ipynb", "socket.ipynb"):
            assert "not a notebook" in refusal(notebooks, path).message


@contextmanager
def as_nobody() -> Iterator[None]:
    """Drop the rights of root, to whom every file is open."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_notebook_without_permission_is_told_from_a_missing_one(
    store: Database, content: ContentStore
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        write(Path(folder) / "train.ipynb").chmod(0)
        notebooks = NotebookService(Path(folder), store, content, max_bytes=MAX_NOTEBOOK_BYTES)
        with as_nobody():
            error = refusal(notebooks, "train.ipynb")
    assert isinstance(error, InvalidNotebook)
    assert "permissions" in error.message
