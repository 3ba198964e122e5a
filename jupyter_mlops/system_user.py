"""Who runs this process, as the system knows them."""

from __future__ import annotations

import os


def system_user() -> str:
    """Return the name of the system's user, or its number where it has no name.

    A container's user id often has no entry among the system's users.
    """
    import getpass  # noqa: PLC0415 (30 % of the package's import time, needed once per run)

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid-{os.getuid()}"
