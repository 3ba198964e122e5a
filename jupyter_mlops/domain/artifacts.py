"""An artifact: a file of a run, named by a logical path, its bytes addressed by digest."""

from __future__ import annotations

from typing import Literal

import msgspec

LOG_PAGE_MAX_BYTES = 1 << 20

PreviewKind = Literal["text", "image", "table", "json", "html", "markdown", "notebook", "none"]


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a run; ``digest`` is ``sha256:<64 hex digits>``, ``size`` in bytes."""

    path: str
    digest: str
    size: int
    media_type: str
    preview: PreviewKind
    created_at: int


class ArtifactList(msgspec.Struct, frozen=True, kw_only=True):
    """All files of a run by path."""

    artifacts: list[Artifact]


class LogPage(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a run's log; ask again with ``after=next_offset``. Offsets are in bytes."""

    text: str
    offset: int
    next_offset: int
    size: int
    complete: bool
