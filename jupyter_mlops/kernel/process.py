"""What the first record of an interactive run says of who made it, and from what."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_mlops.system_user import system_user

if TYPE_CHECKING:
    from collections.abc import Iterable

_SESSION_VARIABLE = "JPY_SESSION_NAME"


def user_name() -> str:
    """Return who runs this process: the hub's user, else the system's."""
    return os.environ.get("JUPYTERHUB_USER") or system_user()


def in_ipython() -> bool:
    """Tell whether this process is an IPython shell or kernel."""
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def source_path(server_roots: Iterable[Path]) -> str | None:
    """Return the notebook's contents path, or the name of the script; None when unknown.

    A notebook's path is known as `JPY_SESSION_NAME`, which is right when the kernel starts and is
    not told of a rename. It is told relative to the first of ``server_roots`` that it lies in
    and, outside of all, not at all.
    """
    if not in_ipython():
        script = getattr(sys.modules.get("__main__"), "__file__", None)
        return Path(script).name if script else None
    session = os.environ.get(_SESSION_VARIABLE)
    if not session:
        return None
    path = Path(session)
    if not path.is_absolute():
        return path.as_posix()
    for root in server_roots:
        if path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return None
