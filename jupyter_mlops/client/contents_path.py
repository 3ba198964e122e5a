"""From the path of a file, as people type it, to the contents path by which a server knows it."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_mlops.client.errors import ClientError


def contents_path(typed: str, root: Path | None) -> str:
    """Return ``typed``, relative to the working directory, as a path below the server's ``root``.

    A path that exists only below the root is taken as relative to it. With no root known, on
    another machine, it is a contents path already. Raises ClientError outside of the root.
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
            return path.relative_to(base).as_posix()
    raise ClientError(
        f"{typed} lies outside of {root}, the folder of the server.",
        code="invalid_request",
        field="notebook",
    )
