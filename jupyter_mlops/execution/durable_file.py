"""Durable files in special places: where the disk is full, and in a folder known by a descriptor."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from jupyter_mlops.durable import sync_folder

if TYPE_CHECKING:
    from pathlib import Path


def reserve(path: Path, size: int) -> None:
    """Take ``size`` bytes of the disk now, for a later ``write_into_reserve``."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"\0" * size)
        file.flush()
        os.fsync(file.fileno())


def write_into_reserve(reserved: Path, path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` as ``durable.write`` does, also when the disk is full.

    It takes the place of what was reserved, whose blocks it needs to be large enough for.
    """
    with reserved.open("r+b") as file:
        file.write(data)
        file.flush()
        file.truncate()
        os.fsync(file.fileno())
    reserved.replace(path)
    sync_folder(path.parent)


def write_new(folder: int, name: str, data: bytes, mode: int) -> None:
    """Put ``data`` durably at ``name`` in the folder that the descriptor ``folder`` stands for.

    The umask takes its part of ``mode``. FileExistsError rather than replace a file.
    """
    temporary = f".{secrets.token_hex(8)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, mode, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.unlink(temporary, dir_fd=folder)
    sync_folder(".", folder)
