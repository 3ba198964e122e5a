"""The folders that a Jupyter server hands out: where notebooks are, and where the home may not be."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from jupyter_core.paths import is_hidden, secure_write
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.contents.filemanager import FileContentsManager
from traitlets import TraitError

from jupyter_mlops.client.discovery import root_file


def check_apart(home: Path, serverapp: ServerApp) -> None:
    """Raise TraitError for a home that is handed out, as hidden folders are only if configured."""
    home = home.resolve()
    contents = serverapp.contents_manager
    for served in {serverapp.root_dir, getattr(contents, "root_dir", serverapp.root_dir)}:
        root = Path(served).resolve()
        if root.is_relative_to(home) or (
            home.is_relative_to(root)
            and (contents.allow_hidden or not is_hidden(str(home), str(root)))
        ):
            raise TraitError(
                f"MLOpsApp.home ({home}) lies in the folder that this server serves, or around "
                "it; set it, or the environment variable JMLOPS_HOME, to a folder apart."
            )


def root_of_contents(serverapp: ServerApp) -> Path:
    """Return the folder that the paths of the file browser are relative to."""
    contents = serverapp.contents_manager
    files = isinstance(contents, FileContentsManager)
    return Path(contents.root_dir if files else serverapp.root_dir)


def tell_root(serverapp: ServerApp) -> None:
    """Leave word, for commands and kernels, of a root that differs from the one Jupyter tells of."""
    forget_root(serverapp)
    root = root_of_contents(serverapp)
    if root == Path(serverapp.root_dir):
        return
    try:
        with secure_write(str(root_file(Path(serverapp.info_file)))) as file:
            json.dump({"root": str(root)}, file)
    except OSError as error:
        serverapp.log.warning("Commands cannot be told the folder of this server: %s", error)


def forget_root(serverapp: ServerApp) -> None:
    """Remove what ``tell_root`` left, or an earlier server of the same process id."""
    with suppress(OSError):
        root_file(Path(serverapp.info_file)).unlink(missing_ok=True)
