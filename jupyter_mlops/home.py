"""Where Jupyter keeps its data and where the product keeps its own, found with the standard library.

Kernels, the client and the hosts must agree on these folders, and kernels may not import
`jupyter_core`; the rules are those of `jupyter_core.paths`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

HOME_VARIABLE = "JMLOPS_HOME"
_OFF = frozenset({"no", "n", "false", "off", "0", "0.0"})


class NoHomeFolder(RuntimeError):
    """Nobody knows the user's home folder: HOME is not set, and the system lists no such user."""

    def __init__(self) -> None:
        super().__init__(f"Your home folder cannot be found. Set HOME, or {HOME_VARIABLE}.")


def jupyter_data_dir() -> Path:
    """Return the folder in which Jupyter keeps data of this user; NoHomeFolder if there is none."""
    named = os.environ.get("JUPYTER_DATA_DIR")
    if named:
        return Path(named)
    try:
        user = Path.home().resolve()
    except RuntimeError:
        raise NoHomeFolder from None
    if sys.platform == "darwin":
        chosen = os.environ.get("JUPYTER_PLATFORM_DIRS")
        by_platform = chosen is not None and chosen.lower() not in _OFF
        return user / "Library" / ("Application Support/Jupyter" if by_platform else "Jupyter")
    return Path(os.environ.get("XDG_DATA_HOME") or user / ".local" / "share") / "jupyter"


def jupyter_runtime_dir() -> Path:
    """Return the folder in which running Jupyter servers leave their `jpserver-*.json`."""
    named = os.environ.get("JUPYTER_RUNTIME_DIR")
    return Path(named) if named else jupyter_data_dir() / "runtime"


def product_home() -> Path:
    """Return the home of the product: `JMLOPS_HOME`, else `mlops` in Jupyter's data folder."""
    named = os.environ.get(HOME_VARIABLE)
    return Path(named) if named else jupyter_data_dir() / "mlops"


def make_private(folder: Path) -> None:
    """Make ``folder`` and what is missing above it; the folders made are 0700 under any umask.

    Raises OSError when it cannot be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        each.chmod(0o700)
