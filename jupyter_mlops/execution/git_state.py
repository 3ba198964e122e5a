"""Which commit the notebook's folder is at, asked of git without touching the repository."""

from __future__ import annotations

import os
import subprocess
from urllib.parse import urlsplit, urlunsplit

from jupyter_mlops.domain.environments import GitState

_TIMEOUT_SECONDS = 1.5
# No lock file, no prompt, no monitor program that the repository's configuration may name.
_COMMAND = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false")


def git_state(folder: str) -> GitState | None:
    """Return the state of the repository around ``folder``; None outside of one, or without git.

    ``dirty`` counts changes of tracked files: new files (checkpoints, results) are ordinary.
    """
    head = _git(folder, "rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    if head is None or len(head.split()) != 2:
        return None
    commit, branch = head.split()
    changes = _git(folder, "status", "--porcelain", "--untracked-files=no")
    remote = _git(folder, "config", "--get", "remote.origin.url")
    return GitState(
        commit=commit,
        branch=None if branch == "HEAD" else branch,
        dirty=bool(changes),
        remote=without_credentials(remote.strip()) if remote else None,
    )


def without_credentials(remote: str) -> str:
    """Return the address of a remote without user, password, query and fragment."""
    if "://" not in remote:
        return remote
    parts = urlsplit(remote)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _git(folder: str, *arguments: str) -> str | None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            [*_COMMAND, *arguments],
            cwd=folder,
            env=environment | {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
