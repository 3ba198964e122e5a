"""A kernel's notebook has its contents path, whatever Jupyter calls its session."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.server.session_notebook import SessionFolders


@pytest.fixture
def folders(tmp_path: Path) -> SessionFolders:
    (tmp_path / "root" / "dir").mkdir(parents=True)
    (tmp_path / "root" / "dir" / "n.ipynb").touch()
    (tmp_path / "outside.ipynb").touch()
    (tmp_path / "link").symlink_to(tmp_path / "root")
    return SessionFolders(contents=tmp_path / "root", kernels=tmp_path / "link")


@pytest.mark.parametrize(
    "name", ["dir/n.ipynb", "{top}/root/dir/n.ipynb", "{top}/link/dir/n.ipynb"]
)
def test_a_notebook_is_named_by_its_contents_path(
    folders: SessionFolders, name: str, tmp_path: Path
) -> None:
    assert folders.notebook(name.format(top=tmp_path)) == "dir/n.ipynb"


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "console-1-9f2c",
        "dir",
        "dir/gone.ipynb",
        "RTC:dir/n.ipynb",
        "../outside.ipynb",
        "{top}/outside.ipynb",
        "{top}/root/../outside.ipynb",
        "dir/\0.ipynb",
    ],
)
def test_what_is_no_notebook_here_is_none(
    folders: SessionFolders, name: str | None, tmp_path: Path
) -> None:
    assert folders.notebook(name and name.format(top=tmp_path)) is None
