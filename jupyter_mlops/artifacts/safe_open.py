"""Opening a file below a folder so that no link, pipe or device leads elsewhere (row S13)."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from jupyter_mlops.domain.errors import NotFound

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK the opening of a pipe would wait for somebody who writes to it.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LinkRefused(NotFound):
    """A part of the path is a symbolic link, or the file has a second name elsewhere."""


class NotARegularFile(NotFound):
    """There is something at the path, but it is a folder, pipe, socket or device."""


class Unreadable(NotFound):
    """The file is there, but this process may not or cannot read it."""


def open_beneath(root: Path, path: str, *, hard_links: bool = False) -> BinaryIO:
    """Open the regular file at ``path`` (parts separated by ``/``) below ``root`` for reading.

    Each part is opened from the folder before it without following links, so a part that is
    exchanged meanwhile changes nothing. With ``hard_links`` a file may have several names.
    Raises NotFound or one of its kinds; ``root`` itself is trusted.
    """
    *folders, name = path.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in (*folders, name)):
        raise NotFound("There is no such file.")
    folder = _open(str(root), _FOLDER & ~os.O_NOFOLLOW, None)
    try:
        for part in folders:
            inner = _open(part, _FOLDER, folder)
            os.close(folder)
            folder = inner
        descriptor = _open(name, _FILE, folder)
    finally:
        os.close(folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotARegularFile("There is no regular file at this path.")
        if status.st_nlink > 1 and not hard_links:
            raise LinkRefused("The file has several names (hard links); copy it.")
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _open(part: str, flags: int, folder: int | None) -> int:
    try:
        return os.open(part, flags, dir_fd=folder)
    except OSError as error:
        raise _explained(error, part, folder) from None
    except UnicodeEncodeError:
        # Half of a surrogate pair: no file system has such a name.
        raise NotFound("There is no such file.") from None


def _explained(error: OSError, part: str, folder: int | None) -> NotFound:
    if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR) and _is_link(part, folder):
        return LinkRefused("The path goes through a symbolic link.")
    if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EILSEQ):
        return NotFound("There is no such file.")
    if error.errno in (errno.ENXIO, errno.ENODEV, errno.EISDIR):
        return NotARegularFile("There is no regular file at this path.")
    return Unreadable(f"The file cannot be read: {os.strerror(error.errno or 0)}.")


def _is_link(part: str, folder: int | None) -> bool:
    try:
        return stat.S_ISLNK(os.stat(part, dir_fd=folder, follow_symlinks=False).st_mode)
    except OSError:
        return False
