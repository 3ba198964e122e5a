"""Finding a running Jupyter server: by the files that servers leave in Jupyter's runtime folder.

A server writes ``jpserver-<pid>.json`` (0600: it holds the token) when it starts and removes it
when it stops; one that was killed leaves it behind, so the process and its answer are checked. Its
``root_dir`` is not always the folder of the contents: then our part of the server tells of that.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jupyter_mlops.home import jupyter_runtime_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

PARENT_VARIABLE = "JPY_PARENT_PID"
HUB_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105 (the name of a variable, not a secret)


class Server(NamedTuple):
    """Where a Jupyter server listens, and the folder that its contents paths are relative to."""

    url: str
    token: str
    pid: int
    root: Path


def parent_server() -> Server | None:
    """Return the server that started this kernel, if it says so and is alive."""
    pid = os.environ.get(PARENT_VARIABLE, "")
    if not pid.isdecimal() or not _is_alive(int(pid)):
        return None
    return _read(jupyter_runtime_dir() / f"jpserver-{pid}.json")


def servers() -> Iterator[Server]:
    """Yield the servers of this user that seem alive: this kernel's own first, then the newest."""
    parent = parent_server()
    if parent is not None:
        yield parent
    for file in sorted(jupyter_runtime_dir().glob("jpserver-*.json"), key=_age):
        server = _read(file)
        if server is not None and _is_alive(server.pid) and server != parent:
            yield server


def root_file(info_file: Path) -> Path:
    """Return where a server with this ``jpserver-<pid>.json`` tells of another contents folder."""
    return info_file.with_name(f"mlops-root-of-{info_file.name}")


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path) -> Server | None:
    try:
        told = json.loads(file.read_bytes())
        token = told["token"] or os.environ.get(HUB_TOKEN_VARIABLE, "")
        root = _told_root(root_file(file)) or Path(told["root_dir"])
        return Server(str(told["url"]), str(token), int(told["pid"]), root)
    except (OSError, ValueError, KeyError, TypeError):
        # The server is just writing or removing its file, or is of another kind.
        return None


def _told_root(file: Path) -> Path | None:
    try:
        return Path(json.loads(file.read_bytes())["root"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return pid < 1 << 31
    return True
