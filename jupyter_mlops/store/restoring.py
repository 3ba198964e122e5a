"""Putting a backup in the place of the store: a crash at any moment leaves the old one or the new.

A store is several files, and no file system exchanges several names in one step. So what is going
to be done is written down first, in ``store.restoring``; from then on whoever opens the store
does it to the end before anything else. Every step may be done twice.
"""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec

from jupyter_mlops import durable
from jupyter_mlops.domain.errors import InvalidRequest, StoreDamaged, Unavailable
from jupyter_mlops.store import backup_reading, damage
from jupyter_mlops.store.network_file_system import OwnerLease, network_file_system
from jupyter_mlops.store.sole_use import Users, turn

IN_USE = (
    "The store is in use. Stop every Jupyter server and every `jupyter mlops` command of this "
    "home, then repeat."
)
LOST = (
    "It waited in the queue when the backup was made that was put back later, and may have run "
    "since. Run it again if it has not."
)
_STAGED = ".restored-"


class _Intent(msgspec.Struct, frozen=True):
    """Names beside the store: the copy to put in place, the folder for the files that make room."""

    copy: str
    aside: str


@contextmanager
def sole_use(path: Path) -> Iterator[None]:
    """Keep everybody from opening the store; Unavailable while somebody has it open."""
    with ExitStack() as stack:
        if network_file_system(path.parent) is not None:
            stack.callback(OwnerLease.take(path).give_back)
        stack.enter_context(turn(path))
        users = Users(path)
        stack.callback(users.leave)
        if not users.first:
            raise Unavailable(IN_USE)
        yield


def restore(path: Path, backup: Path, begun: Collection[str], at: int) -> Path:
    """Put a backup in the place of the store; return the folder that now holds the old files.

    Runs that wait in the backup, other than those in ``begun``, end as lost ``at`` that moment
    (milliseconds): nobody can tell whether they ran since, and nothing may run twice by itself.

    Nothing is deleted. Unavailable while any process has the store open, InvalidRequest for a
    backup that cannot be used.
    """
    with sole_use(path):
        finish(path)
        copy = _stage(path, backup)
        _empty_queue(copy, begun, at)
        durable.sync_file(copy)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        intent = _Intent(copy=copy.name, aside=f"replaced-{stamp}-{secrets.token_hex(2)}")
        durable.write(_intent_path(path), msgspec.json.encode(intent))
        finish(path)
        return path.parent / intent.aside


def is_under_way(path: Path) -> bool:
    """Tell whether a restore was decided and not completed, so that the store may be in pieces."""
    return _intent_path(path).exists()


def finish(path: Path) -> None:
    """Complete a restore that was decided; the caller is the only one who uses the store."""
    intent = _read_intent(path)
    if intent is None:
        return
    folder = path.parent
    copy, aside = folder / intent.copy, folder / intent.aside
    aside.mkdir(mode=0o700, exist_ok=True)
    # Without the copy it is in place already, and the files there are the new store's.
    if copy.exists():
        pieces = [piece for piece in _pieces(path) if piece.exists()]
        for piece in pieces:
            _name_also(piece, aside / piece.name)
        durable.sync_folder(aside)
        durable.sync_folder(folder)
        for piece in pieces:
            if piece != path:
                piece.unlink(missing_ok=True)
        # A log that came back after a power cut would be replayed over the new store.
        durable.sync_folder(folder)
        copy.replace(path)
    durable.sync_folder(folder)
    durable.remove(_intent_path(path))


def _stage(path: Path, backup: Path) -> Path:
    """Read the backup through and copy it beside the store."""
    for left_behind in path.parent.glob(f"{_STAGED}*"):
        left_behind.unlink()
    copy = path.with_name(f"{_STAGED}{secrets.token_hex(8)}")
    try:
        if backup.exists() and path.exists() and backup.samefile(path):
            raise InvalidRequest("This is the store itself, not a backup of it.")
        fault = backup_reading.fault(backup)
        if fault is not None:
            raise InvalidRequest(f"This backup cannot be used. {fault}")
        copy.touch(mode=0o600)
        shutil.copyfile(backup, copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _empty_queue(copy: Path, begun: Collection[str], at: int) -> None:
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        # No second file beside the copy: it is moved alone. Opening the store sets its own mode.
        connection.execute("PRAGMA journal_mode=MEMORY")
        waiting = connection.execute("SELECT run_id FROM runs WHERE status = 'SCHEDULED'")
        ended = [(LOST, at, run_id) for (run_id,) in waiting.fetchall() if run_id not in begun]
        connection.execute("BEGIN")
        connection.executemany(
            "UPDATE runs SET status = 'FAILED', reason = 'lost', message = ?, ended_at = ? "
            "WHERE run_id = ?",
            ended,
        )
        connection.execute("COMMIT")


def _name_also(piece: Path, name: Path) -> None:
    """Give a file a second name; where the disk cannot do that, the second one only."""
    try:
        os.link(piece, name)
    except FileExistsError:
        # A restore that was broken off came this far.
        return
    except OSError:
        piece.rename(name)


def _pieces(path: Path) -> list[Path]:
    logs = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal")]
    return [*logs, damage.seal_path(path), path]


def _intent_path(path: Path) -> Path:
    return path.with_suffix(".restoring")


def _read_intent(path: Path) -> _Intent | None:
    try:
        return msgspec.json.decode(_intent_path(path).read_bytes(), type=_Intent)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        # It was written in one step, so the disk did this; guessing could lose either store.
        raise StoreDamaged(
            "The note of an unfinished restore (store.restoring) is damaged; it was left as it is."
        ) from error
