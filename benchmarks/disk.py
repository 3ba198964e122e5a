"""Folders for measurements on the disk of the checkout."""

from __future__ import annotations

import tempfile
from pathlib import Path

# A temporary folder of the system may lie in memory, where writing costs nothing.
_FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "bench"


def folder_on_disk() -> tempfile.TemporaryDirectory[str]:
    """Make a folder that is removed with the object."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=_FOLDER)
