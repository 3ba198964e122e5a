"""Stores on network file systems: telling that it is one, and the lease of the one owner.

Locks of such file systems cannot be trusted with a write-ahead log and several users
(https://www.sqlite.org/useovernet.html); there, one process holds the store alone.
"""

from __future__ import annotations

import errno
import os
import secrets
import socket
import threading
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from jupyter_mlops import durable
from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.process_identity import boot_id, is_running, process_started

_KINDS = frozenset(
    [
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "lustre", "gpfs", "beegfs"),
        *("ceph", "afs", "9p", "vboxsf", "virtiofs", "prl_fs", "fuse"),
    ]
)
HEARTBEAT_SECONDS = 10.0
STALE_SECONDS = 60.0


def network_file_system(folder: Path) -> str | None:
    """Return the type of the network file system that holds ``folder``, None when it is local."""
    real = str(folder.resolve())
    best, kind = "", ""
    for mount in psutil.disk_partitions(all=True):
        point = mount.mountpoint.rstrip("/")
        inside = real == point or real.startswith(point + "/")
        # A later mount on the same point hides the earlier one.
        if inside and len(point) >= len(best):
            best, kind = point, mount.fstype
    return kind if kind in _KINDS or kind.startswith("fuse.") else None


class _Owner(msgspec.Struct, frozen=True):
    """Who holds the store: the process, so that a dead one of this machine is known as dead."""

    token: str
    host: str
    boot_id: str
    pid: int
    pid_started: float


class OwnerLease:
    """The file ``store.owner``: one process, of all hosts, holds the store while it keeps it fresh.

    Ages are differences of times that the file server itself wrote, so no two clocks are compared.
    """

    def __init__(self, path: Path, owner: _Owner) -> None:
        self._path = path
        self._owner = owner
        self._lost = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="mlops-store-owner", daemon=True)
        self._thread.start()

    @classmethod
    def take(cls, store: Path) -> OwnerLease:
        """Become the owner of a store; Unavailable, naming the holder, while somebody else is."""
        path = store.with_suffix(".owner")
        owner = _this_process()
        for _ in range(3):
            if _claim(path, owner):
                return cls(path, owner)
            holder = _read(path)
            if holder is not None and not _is_gone(path, holder):
                raise Unavailable(_held_by(holder))
            _set_aside(path, holder)
        raise Unavailable("Another process is taking over the store; try again in a moment.")

    def held(self) -> bool:
        """Tell whether this process is still the owner, as of its last heartbeat."""
        return not self._lost

    def lost_message(self) -> str:
        """Say who owns the store now."""
        holder = _read(self._path)
        return (
            "The store was taken over by another process." if holder is None else _held_by(holder)
        )

    def give_back(self) -> None:
        """Stop owning the store."""
        self._stop.set()
        self._thread.join(timeout=HEARTBEAT_SECONDS)
        # On a disk that is gone the file stays; others see that this process is gone too.
        with suppress(OSError):
            if _read(self._path) == self._owner:
                durable.remove(self._path)

    def _beat(self) -> None:
        while not self._stop.wait(HEARTBEAT_SECONDS):
            with suppress(OSError):
                if _read(self._path) != self._owner:
                    self._lost = True
                    return
                os.utime(self._path)


def _this_process() -> _Owner:
    pid = os.getpid()
    return _Owner(
        token=secrets.token_hex(16),
        host=socket.gethostname(),
        boot_id=boot_id(),
        pid=pid,
        pid_started=process_started(pid) or 0.0,
    )


def _claim(path: Path, owner: _Owner) -> bool:
    """Make the file if there is none; a link is made by one caller only, also on NFS."""
    draft = path.with_name(f".{path.name}-{owner.token}")
    try:
        durable.write(draft, msgspec.json.encode(owner))
        os.link(draft, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK):
            raise
        # A file system without hard links; its exclusive creation has to do.
        return _claim_exclusively(path, owner)
    finally:
        draft.unlink(missing_ok=True)
    return True


def _claim_exclusively(path: Path, owner: _Owner) -> bool:
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(file, "wb") as out:
        out.write(msgspec.json.encode(owner))
    return True


def _read(path: Path) -> _Owner | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Owner)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _is_gone(path: Path, holder: _Owner) -> bool:
    """Tell whether the holder is dead: known so on this machine, silent for long on another."""
    if holder.host == socket.gethostname() and holder.boot_id == boot_id():
        return not is_running(holder.pid, holder.pid_started)
    return _age(path) > STALE_SECONDS


def _age(path: Path) -> float:
    probe = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        probe.touch(mode=0o600)
        return probe.stat().st_mtime - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
    finally:
        probe.unlink(missing_ok=True)


def _set_aside(path: Path, seen: _Owner | None) -> None:
    """Remove a dead owner's file, but put back a live one that came in between."""
    aside = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    with suppress(FileNotFoundError):
        path.rename(aside)
        if _read(aside) != seen:
            with suppress(FileExistsError):
                os.link(aside, path)
        aside.unlink(missing_ok=True)


def _held_by(holder: _Owner) -> str:
    return (
        "The store lies on a network file system and is in use by another server "
        f"(host {holder.host}, process {holder.pid}). Stop that one, or move the home of "
        "jupyter_mlops to a local disk."
    )
