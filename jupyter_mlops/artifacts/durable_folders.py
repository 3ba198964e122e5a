"""Private folders whose names survive a power cut, and disk failures as our errors."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.domain.errors import DiskFull, Unavailable


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, whatever the umask; its name is durable."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.stat()
    # A folder that is shared on purpose, such as /tmp, is not ours to close.
    if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
        folder.chmod(0o700)
    for path in [folder, *missing]:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn failures of the disk into DiskFull or Unavailable."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                "The disk of the store is full; the file was not stored. Free some space and repeat."
            ) from error
        raise Unavailable(
            "The folder of stored files cannot be used; check its permissions and its disk."
        ) from error
