"""Backups of a home's embedded store: made while it is used, and put back while it is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.backups import Backup, LostRun, RestorePlan
from jupyter_mlops.domain.errors import InvalidRequest, NotFound, Unavailable
from jupyter_mlops.execution.home_identity import has_home_id
from jupyter_mlops.home import make_private
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.store import backup_reading, backups, failures, restoring
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.postgresql import OWN_TOOLS

_BOTH = (
    "This home has been used with PostgreSQL, too, and this is about its file store.db alone. If the "
    "records are in the database now (MLOpsApp.database_url), the file is an old one: back the "
    "database up with pg_dump and check it with pg_amcheck."
)


def store_of(home: Path) -> Path:
    """Return the store file of a home; raises when there is none, or the records are elsewhere."""
    path = home / "store.db"
    if path.exists() or restoring.is_under_way(path):
        return path
    if has_home_id(home):
        raise Unavailable(OWN_TOOLS)
    raise NotFound(f"There is no store in {home}.")


def records_elsewhere(home: Path) -> str | None:
    """Say that a home with a store file had its records in PostgreSQL, too; None when it had not.

    Which of the two is in use now only the server's configuration tells.
    """
    if has_home_id(home) and (home / "store.db").exists():
        return _BOTH
    return None


class BackupService:
    """Makes and restores backups of the store in ``home``; stored files are in no backup."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def make(self, target: Path | None = None) -> Backup:
        """Back the store up, while servers use it or not; by default into its folder ``backups``.

        ``target`` is a new file, or a folder to put one into. InvalidRequest when the file exists.
        """
        path = store_of(self._home)
        if target is not None and target.is_dir():
            target /= backups.name_of(backups.BY_HAND)
        if target is not None and (target.exists() or not target.parent.is_dir()):
            reason = "exists already" if target.exists() else "lies in a folder that does not exist"
            raise InvalidRequest(f"{target} {reason}; name a new file, or a folder.")
        database = Database.open(path)
        try:
            return backup_reading.summary(database.backup(target))
        finally:
            database.close()

    def plan(self, source: Path | None = None) -> RestorePlan:
        """Say what a restore would do: from ``source``, or from the newest backup that is sound.

        Unavailable while the store is in use, NotFound without a backup, InvalidRequest when
        ``source`` cannot be used.
        """
        path = self._home / "store.db"
        with _disk_errors():
            if self._home.is_dir():
                # Before the long part: who has to stop a server first should know at once.
                with restoring.sole_use(path):
                    restoring.finish(path)
            chosen, unusable = self._choose(path, source)
            return RestorePlan(
                backup=backup_reading.summary(chosen),
                lost=_lost(path, chosen),
                lost_is_all=not backup_reading.has_log(path),
                missing_files=self._missing(chosen),
                unusable=unusable,
            )

    def restore(self, plan: RestorePlan) -> Path:
        """Do it; return the folder that now holds the files that were in the way."""
        with _disk_errors():
            make_private(self._home)
            # What was started since the backup goes on, or has its end taken in.
            begun = {directory.name for directory in (self._home / "runs").glob("*")}
            return restoring.restore(self._home / "store.db", plan.backup.path, begun, now_ms())

    def _choose(self, path: Path, source: Path | None) -> tuple[Path, list[Path]]:
        if source is not None:
            fault = backup_reading.fault(source)
            if fault is not None:
                raise InvalidRequest(f"{source} cannot be restored. {fault}")
            return source, []
        unusable: list[Path] = []
        for backup in backups.available(path):
            if backup_reading.fault(backup) is None:
                return backup, unusable
            unusable.append(backup)
        if has_home_id(self._home) and not path.exists():
            raise Unavailable(OWN_TOOLS)
        kind = "sound backup" if unusable else "backup"
        raise NotFound(
            f"There is no {kind} in {path.parent / 'backups'}; --from names one of yours."
        )

    def _missing(self, backup: Path) -> int:
        content = ContentStore(self._home)
        files = backup_reading.named_files(backup)
        return sum(content.size(file.digest) is None for file in files)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise failures.of_operating_system(error) from error


def _lost(path: Path, backup: Path) -> list[LostRun] | None:
    if not path.exists():
        return []
    try:
        return backup_reading.unknown_to(backup, path)
    except sqlite3.DatabaseError:
        return None
