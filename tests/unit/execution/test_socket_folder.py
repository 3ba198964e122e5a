from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_mlops.execution.socket_folder import PATH_MAX_BYTES, make_own, place_for, places

TMP = Path("/tmp")  # noqa: S108


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short folder that the user chose for temporary files, and no other of the user's."""
    assert tmp_path  # pytest makes its own before the choice
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    with tempfile.TemporaryDirectory(dir=TMP) as made:
        monkeypatch.setattr(tempfile, "tempdir", made)
        yield Path(made)


def test_the_folder_for_temporary_files_comes_first_while_the_path_fits(folder: Path) -> None:
    room = PATH_MAX_BYTES - len(f"{folder}/")
    assert place_for("s" * room) == folder
    assert place_for("s" * (room + 1)) == TMP
    assert place_for("s" * PATH_MAX_BYTES) is None


def test_bytes_count_and_not_characters(folder: Path) -> None:
    room = PATH_MAX_BYTES - len(f"{folder}/")
    assert place_for("é" * (room // 2)) == folder
    assert place_for("é" * (room // 2 + 1)) != folder


def test_the_runtime_folder_of_the_session_comes_before_the_one_of_all(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "session"))
    assert places() == [folder, folder / "session", TMP]
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "x" / "gone"))
    (folder / "session").mkdir(mode=0o700)
    assert place_for("socket") == folder / "session"


def test_a_folder_in_which_others_could_exchange_ours_is_passed_over(folder: Path) -> None:
    folder.chmod(0o777)
    assert place_for("socket") == TMP
    folder.chmod(0o1777)
    assert place_for("socket") == folder


def test_a_folder_of_our_own_is_made_once_and_is_private(tmp_path: Path) -> None:
    for _ in range(2):
        make_own(tmp_path / "own")
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_what_somebody_else_put_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o700)
    (tmp_path / "open").chmod(0o710)
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "private")
    (tmp_path / "file").touch(mode=0o600)
    for name in ("open", "link", "file"):
        with pytest.raises(PermissionError):
            make_own(tmp_path / name)


def test_a_folder_of_another_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: (tmp_path / "theirs").stat().st_uid + 1)
    with pytest.raises(PermissionError):
        make_own(tmp_path / "theirs")
