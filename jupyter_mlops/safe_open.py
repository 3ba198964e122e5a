"""Opening files and making folders below a folder so that no link leads elsewhere (row S13)."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from jupyter_mlops.domain.errors import NotFound, TooLarge

# A folder above may be one that we can pass through and not list.
_PASS = getattr(os, "O_PATH", os.O_RDONLY)
_FOLDER = _PASS | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
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
    folders, _, name = path.rpartition("/")
    _check_part(name)
    with folder_beneath(root, folders) as folder:
        descriptor = _open(name, _FILE, folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise NotARegularFile("There is no regular file at this path.")
        if status.st_nlink > 1 and not hard_links:
            raise LinkRefused("The file has several names (hard links); copy it.")
        os.set_blocking(descriptor, True)
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_beneath(root: Path, path: str, limit: int, *, hard_links: bool = False) -> bytes:
    """Return the content of a file as ``open_beneath`` opens it.

    TooLarge for more than ``limit`` bytes: whoever makes the file may make it endless.
    """
    with open_beneath(root, path, hard_links=hard_links) as file:
        # A large file costs nothing; one that grows meanwhile no more than the limit.
        data = file.read(limit + 1) if os.fstat(file.fileno()).st_size <= limit else None
    if data is None or len(data) > limit:
        raise TooLarge(f"The file has more than {limit} bytes.")
    return data


@contextmanager
def folder_beneath(root: Path, path: str, *, make: bool = False) -> Iterator[int]:
    """Give a descriptor of the folder at ``path`` below ``root``, to work in by ``dir_fd``.

    No link is followed below ``root``; ``""`` is ``root`` itself. Raises as ``open_beneath`` does.
    With ``make`` the parts that are missing are made.
    """
    folder = _open(str(root), _FOLDER & ~os.O_NOFOLLOW, None)
    try:
        for part in path.split("/") if path else ():
            _check_part(part)
            if make:
                _make(part, folder)
            # Before it is closed: an interrupt after that must not close it again.
            outer, folder = folder, _open(part, _FOLDER, folder)
            os.close(outer)
        yield folder
    finally:
        os.close(folder)


def _make(part: str, folder: int) -> None:
    try:
        os.mkdir(part, dir_fd=folder)
    except FileExistsError:
        pass
    except OSError as error:
        raise Unreadable(f"The folder cannot be made: {os.strerror(error.errno or 0)}.") from None


def _check_part(part: str) -> None:
    if part in ("", ".", "..") or "\0" in part:
        raise NotFound("There is no such file.")


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
