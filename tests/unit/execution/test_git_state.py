from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.execution.git_state import git_state, without_credentials

if TYPE_CHECKING:
    from pathlib import Path


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-b", "main")
    (tmp_path / "code.py").write_text("x = 1")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_a_changed_tracked_file_is_dirty_and_a_new_file_is_not(repository: Path) -> None:
    (repository / "result.csv").write_text("1")
    state = git_state(str(repository))
    assert state is not None
    assert (state.branch, state.dirty, state.remote) == ("main", False, None)
    (repository / "code.py").write_text("x = 2")
    state = git_state(str(repository))
    assert state is not None
    assert state.dirty


def test_a_detached_head_has_no_branch(repository: Path) -> None:
    git(repository, "checkout", "--detach")
    state = git_state(str(repository))
    assert state is not None
    assert state.branch is None


def test_outside_of_a_repository_there_is_no_state(tmp_path: Path) -> None:
    assert git_state(str(tmp_path)) is None
    git(tmp_path, "init")
    assert git_state(str(tmp_path)) is None
    assert git_state(str(tmp_path / "missing")) is None


def test_a_program_named_in_the_repository_is_not_started(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = repository / "canary"
    program = repository / "monitor"
    program.write_text(f"#!/bin/sh\ntouch {canary}\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert git_state(str(repository)) is not None
    assert not canary.exists()


@pytest.mark.parametrize(
    ("remote", "shown"),
    [
        ("https://user:pa55@example.org/a/b.git", "https://example.org/a/b.git"),
        ("https://t0ken@example.org:8443/a.git?key=1#x", "https://example.org:8443/a.git"),
        ("ssh://git@example.org/a.git", "ssh://example.org/a.git"),
        ("git@example.org:a/b.git", "git@example.org:a/b.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_a_remote_is_recorded_without_credentials(remote: str, shown: str) -> None:
    assert without_credentials(remote) == shown
