from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from jupyter_mlops.execution.git_state import git_state, without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable
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


def monitor(repository: Path, program: str) -> None:
    git(repository, "config", "core.fsmonitor", program)


def clean_filter(repository: Path, program: str) -> None:
    git(repository, "config", "filter.x.clean", program)
    (repository / ".gitattributes").write_text("* filter=x\n")


def process_filter(repository: Path, program: str) -> None:
    git(repository, "config", "filter.x.process", program)
    git(repository, "config", "filter.x.required", "true")
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "attributes").write_text("* filter=x\n")


def submodule_filter(repository: Path, program: str) -> None:
    inner = repository / "inner"
    inner.mkdir()
    git(inner, "init", "-b", "main")
    (inner / "code.py").write_text("x = 1")
    git(inner, "add", "code.py")
    git(inner, "commit", "-m", "first")
    git(repository, "add", "inner")
    clean_filter(inner, program)
    (inner / "code.py").write_text("x = 2")


def missing_objects(repository: Path, program: str) -> None:
    """Make it a partial clone, whose transport is the program."""
    git(repository, "config", "remote.origin.url", "ssh://example.org/a.git")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "core.sshCommand", program)
    tree = subprocess.check_output(["git", "rev-parse", "HEAD^{tree}"], cwd=repository, text=True)
    (repository / ".git" / "objects" / tree[:2] / tree.strip()[2:]).unlink()


@pytest.mark.parametrize(
    "name", [monitor, clean_filter, process_filter, submodule_filter, missing_objects]
)
def test_a_program_named_in_the_repository_is_not_started(
    repository: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: Callable[[Path, str], None],
) -> None:
    folder = tmp_path_factory.mktemp("program")
    canary = folder / "canary"
    program = folder / "program"
    program.write_text(f"#!/bin/sh\nenv > {canary}\ncat\n")
    program.chmod(0o755)
    name(repository, str(program))
    (repository / "code.py").write_text("x = 2")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert git_state(str(repository)) is not None
    assert not canary.exists()


def test_git_is_not_looked_for_in_the_repository(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "git").write_text(f"#!/bin/sh\ntouch {repository}/canary\n")
    (repository / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    monkeypatch.chdir(repository)
    assert git_state(str(repository)) is not None
    assert not (repository / "canary").exists()


def test_git_sees_nothing_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\nenv >> {tmp_path}/seen\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET", "canary")
    git_state(str(tmp_path))
    seen = (tmp_path / "seen").read_text()
    assert "GIT_ALLOW_PROTOCOL=none" in seen
    assert "canary" not in seen


def test_a_working_tree_that_git_cannot_compare_in_time_is_not_called_clean(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("slow")
    slow = folder / "git"
    slow.write_text(
        "#!/bin/sh\n"
        'for word in "$@"; do [ "$word" = status ] && exec sleep 60; done\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr("jupyter_mlops.execution.git_state._COMPARE_SECONDS", 0.5)
    state = git_state(str(repository))
    assert state is not None
    assert (state.branch, state.dirty) == ("main", None)


def test_a_file_that_was_only_touched_is_not_dirty(repository: Path) -> None:
    os.utime(repository / "code.py", (1, 1))
    state = git_state(str(repository))
    assert state is not None
    assert not state.dirty


def test_a_change_that_was_added_is_dirty(repository: Path) -> None:
    (repository / "new.py").touch()
    git(repository, "add", "new.py")
    state = git_state(str(repository))
    assert state is not None
    assert state.dirty


def test_another_working_tree_and_a_folder_within_are_told_of(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "tree"
    git(repository, "worktree", "add", "-b", "side", str(other))
    (other / "folder").mkdir()
    state = git_state(str(other / "folder"))
    assert state is not None
    assert (state.branch, state.dirty) == ("side", False)
    (other / "code.py").write_text("x = 2")
    state = git_state(str(other / "folder"))
    assert state is not None
    assert state.dirty


def test_a_repository_of_longer_names_is_told_of(tmp_path: Path) -> None:
    git(tmp_path, "init", "-b", "main", "--object-format=sha256")
    (tmp_path / "code.py").write_text("x = 1")
    git(tmp_path, "add", "code.py")
    git(tmp_path, "commit", "-m", "first")
    state = git_state(str(tmp_path))
    assert state is not None
    assert not state.dirty
    (tmp_path / "code.py").write_text("x = 2")
    state = git_state(str(tmp_path))
    assert state is not None
    assert state.dirty


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
