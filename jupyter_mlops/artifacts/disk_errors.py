"""Failures of the disk, as our errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from jupyter_mlops.domain.errors import DiskFull, Unavailable


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
