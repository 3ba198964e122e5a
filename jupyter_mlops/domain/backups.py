"""Backups of the embedded store: what one holds, and what would be lost by going back to it."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was read through: its file, size in bytes, and what it knows.

    ``changed_at`` is when the newest change in it was made, None when it knows no run;
    ``scheduled`` counts runs that wait in its queue.
    """

    path: Path
    size: int
    runs: int
    scheduled: int
    changed_at: int | None


class LostRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run that the store knows and the backup does not."""

    run_id: str
    name: str
    created_at: int


class RestorePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore would put in place, and what it would cost.

    ``lost`` are runs that the backup does not know, the newest first; None when the store cannot
    be read. ``lost_is_all`` is false when its log may hold more. ``missing_files`` counts files
    of the backup's runs that are no longer in the home. ``unusable`` are newer backups that are
    damaged themselves.
    """

    backup: Backup
    lost: list[LostRun] | None
    lost_is_all: bool
    missing_files: int
    unusable: list[Path]
