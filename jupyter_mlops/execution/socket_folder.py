"""Where unix sockets can lie: their paths have about 100 bytes, and nobody else may exchange them."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

# What macOS allows, without the final NUL; Linux allows four more.
PATH_MAX_BYTES = 103


def places() -> list[Path]:
    """Return the folders in which one of ours may be, the best first.

    They follow from the environment alone, so that a later server looks in the same.
    """
    named = [os.environ.get("XDG_RUNTIME_DIR"), "/tmp"]  # noqa: S108 - what is made there is private
    with suppress(OSError):  # no folder for temporary files can be written to
        named.insert(0, tempfile.gettempdir())
    return list(dict.fromkeys(Path(name) for name in named if name and name.startswith("/")))


def place_for(socket: str) -> Path | None:
    """Return the first place below which a socket of this relative path can be made."""
    for place in places():
        if len(os.fsencode(place / socket)) <= PATH_MAX_BYTES and _is_safe(place):
            return place
    return None


def make_own(folder: Path) -> None:
    """Make a folder that only we can enter; PermissionError where somebody else's is in its place.

    Its name is no secret: others who see it can be faster.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    ours = found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if not (stat.S_ISDIR(found.st_mode) and ours):
        raise PermissionError("the folder is not ours alone")


def _is_safe(place: Path) -> bool:
    """Tell whether we can make a folder there that others can neither remove nor rename."""
    try:
        status = place.stat()
    except OSError:
        return False
    writable_by_others = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    guarded = status.st_mode & stat.S_ISVTX or not writable_by_others
    return stat.S_ISDIR(status.st_mode) and bool(guarded) and os.access(place, os.W_OK | os.X_OK)
