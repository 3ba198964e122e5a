"""A blob on its way out: an open file and what a host must know to send it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class FileBlob:
    """An open file to be sent and then closed by the host; its position does not matter.

    ``size`` in bytes is what is sent, however the file grows. ``digest`` is
    ``sha256:<64 hex digits>``, or null for a file that may still change.
    """

    file: BinaryIO
    size: int
    media_type: str
    filename: str
    digest: str | None
