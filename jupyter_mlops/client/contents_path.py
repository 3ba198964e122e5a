"""From the path of a file, as people type it, to the contents path by which a server knows it."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_mlops.client.errors import ClientError


def contents_path(typed: str, root: Path | None, *, field: str = "notebook") -> str:
    """Return ``typed``, relative to the working directory, as a path below the server's ``root``.

    A path that exists only below the root is taken as relative to it; the root itself is ``""``.
    With no root known, on another machine, it is a contents path already. Raises ClientError about
    ``field`` outside of the root.
    """
    if root is None:
        return typed
    file = Path(typed).expanduser()
    if not file.is_absolute() and not file.exists() and (root / file).exists():
        file = root / file
    # Normalized by name first: a link within the root is a path of its own to the server.
    absolute = Path(os.path.abspath(file))  # noqa: PTH100 (resolve() would follow that link)
    for path, base in ((absolute, root), (absolute.resolve(), root.resolve())):
        if path.is_relative_to(base):
            below = path.relative_to(base).as_posix()
            return "" if below == "." else below
    raise ClientError(
        f"{typed} lies outside of {root}, the folder of the server.",
        code="invalid_request",
        field=field,
    )


def optional_path(typed: str | None, root: Path | None, *, field: str) -> str | None:
    """Return the contents path of what was typed, None where nothing was."""
    return None if typed is None else contents_path(typed, root, field=field)
