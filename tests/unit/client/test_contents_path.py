"""Files as people type them, and the paths by which a server knows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_mlops.client import ClientError
from jupyter_mlops.client.contents_path import contents_path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "root"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a b.ipynb").touch()
    (folder / "top.ipynb").touch()
    monkeypatch.chdir(folder / "deep")
    return folder


def test_a_path_is_relative_to_the_working_directory(root: Path) -> None:
    assert contents_path("a b.ipynb", root) == "deep/a b.ipynb"
    assert contents_path("../top.ipynb", root) == "top.ipynb"
    assert contents_path(str(root / "top.ipynb"), root) == "top.ipynb"
    assert contents_path("new.ipynb", root) == "deep/new.ipynb"


def test_the_root_itself_is_an_empty_path(root: Path) -> None:
    assert contents_path("..", root) == ""
    assert contents_path(str(root), root) == ""


def test_a_path_that_is_only_below_the_root_is_taken_from_there(root: Path) -> None:
    assert contents_path("top.ipynb", root) == "top.ipynb"
    assert contents_path("deep/a b.ipynb", root) == "deep/a b.ipynb"


def test_the_home_folder_may_be_written_as_a_tilde(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root))
    assert contents_path("~/top.ipynb", root) == "top.ipynb"


def test_links_are_paths_of_their_own_within_the_root_and_followed_to_it(
    root: Path, tmp_path: Path
) -> None:
    (root / "link.ipynb").symlink_to(root / "top.ipynb")
    assert contents_path(str(root / "link.ipynb"), root) == "link.ipynb"
    (tmp_path / "other").symlink_to(root)
    assert contents_path(str(tmp_path / "other" / "top.ipynb"), root) == "top.ipynb"
    assert contents_path(str(root / "top.ipynb"), tmp_path / "other") == "top.ipynb"


@pytest.mark.parametrize("typed", ["/etc/passwd", "../../x.ipynb", "../../root2/x.ipynb"])
def test_a_path_outside_is_refused(root: Path, typed: str) -> None:
    with pytest.raises(ClientError, match="lies outside of") as refused:
        contents_path(typed, root)
    assert (refused.value.code, refused.value.field) == ("invalid_request", "notebook")


def test_for_a_server_elsewhere_it_is_a_contents_path_already() -> None:
    assert contents_path("deep/x.ipynb", None) == "deep/x.ipynb"
