"""Reading a store file that nobody writes to: whether it can be used as a backup, what it knows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_mlops.domain.backups import Backup, LostRun
from jupyter_mlops.domain.soundness import NamedFile
from jupyter_mlops.store import failures, soundness, sqlite
from jupyter_mlops.store.tables import VERSION


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection that reads the file alone, makes no file beside it and takes no lock."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def fault(path: Path) -> str | None:
    """Read a backup through; say why it cannot be used, or return None."""
    try:
        return read_through(path, lambda: False)
    except sqlite3.Error as error:
        return f"It cannot be read: {error}."


def read_through(path: Path, interrupted: Callable[[], bool]) -> str | None:
    """Do so, but raise sqlite3.Error for what says nothing about the file.

    ``interrupted`` is asked all the time, and True ends the work with sqlite3.OperationalError.
    """
    if not path.is_file():
        return "There is no such file."
    if has_log(path):
        return (
            "A log lies beside it, as beside a store in use or one that was not closed; the file "
            "alone is not the whole store. Make a backup of it with `jupyter mlops backup --home`."
        )
    try:
        with opened(path) as connection, soundness.interruptible(connection, interrupted):
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if mark != sqlite.APPLICATION_ID or version == 0:
                return "It is not a store of Jupyter MLOps."
            if version > VERSION:
                return "It was made by a newer version of jupyter_mlops; upgrade that first."
            damaged = soundness.faults(connection)
    except sqlite3.DatabaseError as error:
        if not failures.is_damage(error):
            raise
        return f"It is damaged or no store: {error}."
    return f"It is damaged: {damaged[0]}." if damaged else None


def has_log(path: Path) -> bool:
    """Tell whether a write-ahead log or a rollback journal with something in it lies beside."""
    logs = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return any(log.exists() and log.stat().st_size > 0 for log in logs)


def summary(path: Path) -> Backup:
    """Return what a sound backup knows."""
    with opened(path) as connection:
        runs, scheduled, changed_at = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE status = 'SCHEDULED'), "
            "max(max(created_at, coalesce(ended_at, 0), coalesce(deleted_at, 0))) FROM runs"
        ).fetchone()
        (event_at,) = connection.execute("SELECT max(created_at) FROM events").fetchone()
    known = [moment for moment in (changed_at, event_at) if moment is not None]
    return Backup(
        path=path,
        size=path.stat().st_size,
        runs=runs,
        scheduled=scheduled,
        changed_at=max(known, default=None),
    )


def named_files(path: Path) -> list[NamedFile]:
    """Return the stored files that a sound backup names, each once."""
    with opened(path) as connection:
        return soundness.named_files(connection)


def unknown_to(backup: Path, store: Path) -> list[LostRun]:
    """Return the runs of a store that a backup does not know, the newest first.

    The store's log is left out. Raises sqlite3.DatabaseError when the store cannot be read.
    """
    with opened(backup) as connection:
        known = {run_id for (run_id,) in connection.execute("SELECT run_id FROM runs")}
    with opened(store) as connection:
        rows = connection.execute("SELECT run_id, name, created_at FROM runs ORDER BY seq DESC")
        return [
            LostRun(run_id=run_id, name=name, created_at=created_at)
            for run_id, name, created_at in rows
            if run_id not in known
        ]
