"""Which commit the notebook's folder is at, asked of git without touching the repository.

A repository may name programs in its configuration: filters, monitors, transports. None of them is
started here, and none of our environment is shown to git.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import msgspec

from jupyter_mlops.domain.environments import GitState

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMEOUT_SECONDS = 1.5
# Looking at every file of a large working tree takes longer; nobody waits for it but its own thread.
_COMPARE_SECONDS = 10.0
# No lock file, no monitor, nothing fetched for a repository that is not all there.
_OPTIONS = ("--no-optional-locks", "-c", "core.fsmonitor=false")
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
}
_UNCONFIGURED = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
# How files are compared with what is recorded of them; these name no program.
_COMPARING = (
    "core.autocrlf",
    "core.checkstat",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.symlinks",
    "core.trustctime",
)
_REMOTE = "remote.origin.url"
_WANTED = "^({})$".format("|".join(name.replace(".", r"\.") for name in (*_COMPARING, _REMOTE)))


def git_state(
    folder: str, so_far: Callable[[GitState], object] = lambda _: None
) -> GitState | None:
    """Return the state of the repository around ``folder``; None outside of one, or without git.

    ``so_far`` is told what is known before the files are compared, which takes longest.

    ``dirty`` counts changes of tracked files: new files (checkpoints, results) are ordinary. Files
    that a filter of git's converts are compared as they lie there: one that was touched since its
    checkout counts as changed. Submodules do not count.
    """
    program = _program()
    if program is None:
        return None
    git = _Git(program, folder)
    head = git.ask("rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    if head is None or len(head.split()) != 2:
        return None
    commit, branch = head.split()
    settings = _settings(git.ask("config", "--null", "--get-regexp", _WANTED))
    remote = settings.pop(_REMOTE, None)
    state = GitState(
        commit=commit,
        branch=None if branch == "HEAD" else branch,
        dirty=None,
        remote=without_credentials(remote.strip()) if remote else None,
    )
    so_far(state)
    return msgspec.structs.replace(state, dirty=_is_dirty(git, commit, settings))


def without_credentials(remote: str) -> str:
    """Return the address of a remote without user, password, query and fragment."""
    if "://" not in remote:
        return remote
    parts = urlsplit(remote)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _Git:
    """A git program, and the folder that it is asked about."""

    def __init__(self, program: str, folder: str) -> None:
        self._program = program
        self.folder = Path(folder)

    def ask(
        self, *arguments: str, seconds: float = _TIMEOUT_SECONDS, **environment: str
    ) -> str | None:
        """Return what git prints, None when it fails or takes more than ``seconds``."""
        own = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
        try:
            done = subprocess.run(
                [self._program, *_OPTIONS, *arguments],
                cwd=self.folder,
                env=_ENVIRONMENT | own | environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("utf-8", "surrogateescape")


def _program() -> str | None:
    """Return the path of git; a relative entry of PATH would be a place in the repository."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    absolute = os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())
    return shutil.which("git", path=absolute)


def _settings(listed: str | None) -> dict[str, str]:
    """Read ``git config --null``: name, line end, value, NUL; the last value of a name stands."""
    pairs = (entry.partition("\n") for entry in (listed or "").split("\0") if entry)
    return {name: value for name, _, value in pairs}


def _is_dirty(git: _Git, commit: str, settings: dict[str, str]) -> bool | None:
    """Compare the tracked files with a commit; None when git cannot tell.

    git is told of the repository's index and objects, but never reads its configuration: the
    filters that its attributes name mean nothing then.
    """
    told = git.ask("rev-parse", "--show-toplevel", "--git-path", "index", "--git-path", "objects")
    places = (told or "").splitlines()
    if len(places) != 3:
        return None
    top, index, objects = (git.folder / place for place in places)
    kept = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    with tempfile.TemporaryDirectory(prefix="jmlops-git-") as made:
        bare = Path(made)
        for name in ("objects", "refs"):
            (bare / name).mkdir()
        (bare / "HEAD").write_text(f"{commit}\n")
        (bare / "config").write_text(_config(commit))
        changes = git.ask(
            *kept,
            "status",
            "--porcelain",
            "--untracked-files=no",
            "--ignore-submodules=all",
            seconds=_COMPARE_SECONDS,
            **_UNCONFIGURED,
            GIT_DIR=made,
            GIT_WORK_TREE=str(top),
            GIT_INDEX_FILE=str(index),
            GIT_OBJECT_DIRECTORY=str(objects),
        )
    return None if changes is None else bool(changes)


def _config(commit: str) -> str:
    """Return the least that git wants to read of a repository: the kind of its names."""
    if len(commit) == 40:
        return "[core]\n\trepositoryformatversion = 0\n"
    return "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n"
