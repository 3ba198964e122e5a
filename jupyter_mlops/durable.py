"""Files and folders that are there after a power cut, or were never there; standard library only."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` (mode 0600): temporary file, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good; nothing happens when there is none."""
    if path.exists():
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder, and what is missing above it, that only its owner can enter (row S31).

    A folder that is there is closed to others too, unless it is shared on purpose, as /tmp is.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
    for path in missing or [folder]:
        found = path.stat()
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            path.chmod(0o700)
        # Also where another process has just made it: its name may not be safe yet.
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make the bytes of a file survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path | str, beneath: int | None = None) -> None:
    """Make the names in ``folder`` survive a power cut; a relative one is one in ``beneath``."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    descriptor = os.open(folder, flags, dir_fd=beneath)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
