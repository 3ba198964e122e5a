"""The folder of one run: every path in it, and the files that frame the run's life.

Layout and meaning of the files are part of the protocol between server, reaper, worker and
kernel; only this module spells their names.
"""

from __future__ import annotations

import errno
import math
import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from jupyter_mlops import durable
from jupyter_mlops.domain.errors import InvalidName, NotFound, TooLarge
from jupyter_mlops.domain.names import is_run_id
from jupyter_mlops.domain.run_spec import RunResult, RunSpec
from jupyter_mlops.execution.durable_file import reserve, write_into_reserve
from jupyter_mlops.execution.socket_folder import place_for, places
from jupyter_mlops.home import make_private
from jupyter_mlops.safe_open import Unreadable, folder_beneath, open_beneath, read_beneath

T = TypeVar("T")
# A message of 2,000 characters, each escaped, and the rest.
_RESULT_BYTES = 16_384
# A notebook can put anything in the place of these files: no more of it is read.
_SMALL_BYTES = 65_536
_SPEC_BYTES = 16 << 20
_REMOVALS = 10


class ReaperIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """``reaper.json``: which process supervises the run (see ``process_identity``), and since when.

    ``begun`` is of the monotonic clock, which all processes since one start of the machine share;
    None from an earlier version.
    """

    pid: int
    pid_started: float
    boot_id: str
    begun: float | None = None


class _Connection(msgspec.Struct, frozen=True):
    """The part of a kernel's connection file that is read."""

    transport: str


class RunDirectory:
    """``<home>/runs/<run_id>/``; making the object touches no file."""

    def __init__(self, home: Path, run_id: str) -> None:
        if not is_run_id(run_id):
            raise InvalidName("A run id has 32 hexadecimal digits.", field="run_id")
        self.home = home
        self.run_id = run_id
        self.path = home / "runs" / run_id
        self.spec = self.path / "spec.json"
        self.source = self.path / "source.ipynb"
        self.spool = self.path / "spool"
        self.staged = self.path / "staged"
        self.log = self.path / "run.log"
        self.executed = self.path / "executed.ipynb"
        self.heartbeat = self.path / "heartbeat"
        self.reaper = self.path / "reaper.json"
        self.cancel = self.path / "cancel"
        self.result = self.path / "result.json"
        self.chain_log = self.path / "chain.log"
        self._reserve = self.path / ".result.reserved"
        self.connection = self.path / "kernel.json"

    @property
    def sockets(self) -> Path | None:
        """Folder of the kernel's sockets; None where no path of one would be short enough."""
        name = f"jm-{self.run_id}"
        # The kernel counts its sockets: k-1 to k-5.
        place = place_for(f"{name}/k-5")
        return None if place is None else place / name

    def create(self, spec: RunSpec, source: bytes | Path) -> None:
        """Write the orders of the run durably; ``source`` is the notebook or a file holding it.

        The directory appears under its name only when it is complete: one without orders is that
        of a run which code opened for itself. Nothing happens when it is there already.
        """
        if self.spec.exists():
            return
        staging = self.home / "tmp" / f"run-{self.run_id}-{secrets.token_hex(4)}"
        make_private(self.path.parent)
        try:
            for folder in (self.spool, self.staged):
                make_private(staging / folder.name)
            self._write_source(staging / self.source.name, source)
            # The end of a run can be told even when the disk is full by then.
            reserve(staging / self._reserve.name, _RESULT_BYTES)
            durable.write(staging / self.spec.name, msgspec.json.encode(spec))
            self._appear(staging)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise

    def _write_source(self, path: Path, source: bytes | Path) -> None:
        if not isinstance(source, Path):
            durable.write(path, source)
            return
        # Nobody sees the staging folder, so that the copy needs no name of its own.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())

    def _appear(self, staging: Path) -> None:
        try:
            staging.rename(self.path)
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            if self.spec.exists():  # another server was faster
                shutil.rmtree(staging)
                return
            # An earlier version wrote in place, and was stopped before the orders were complete.
            shutil.rmtree(self.path)
            staging.rename(self.path)
        durable.sync_folder(self.path.parent)

    def read_spec(self) -> RunSpec:
        """Return the orders of the run; raises MlopsError or msgspec.DecodeError."""
        return msgspec.json.decode(self.read(self.spec.name, _SPEC_BYTES), type=RunSpec)

    def open(self, path: str, *, hard_links: bool = False) -> BinaryIO:
        """Open a regular file at ``path`` in the directory, as ``open_beneath`` does.

        The notebook may put links, pipes and devices there, even in place of the directory.
        """
        return open_beneath(self.path.parent, f"{self.run_id}/{path}", hard_links=hard_links)

    def read(self, path: str, limit: int, *, hard_links: bool = False) -> bytes:
        """Return the content of a file as ``open`` finds it; TooLarge beyond ``limit`` bytes."""
        where = f"{self.run_id}/{path}"
        return read_beneath(self.path.parent, where, limit, hard_links=hard_links)

    def remove_staged(self, name: str) -> None:
        """Remove a staged file, whose bytes are stored."""
        folder, _, last = f"{self.run_id}/staged/{name}".rpartition("/")
        with suppress(NotFound, OSError), folder_beneath(self.path.parent, folder) as beneath:
            os.unlink(last, dir_fd=beneath)

    def write_result(self, result: RunResult) -> None:
        """Write the last file of the run, atomically and durably."""
        data = msgspec.json.encode(result)
        if self._reserve.is_file() and not self._reserve.is_symlink():
            write_into_reserve(self._reserve, self.result, data)
        else:  # made by an earlier version, before an upgrade, or removed by the notebook
            durable.write(self.result, data)

    def read_result(self) -> RunResult | None:
        """Return how the run ended, or None while it has not."""
        return self._read_small(self.result.name, RunResult)

    def write_reaper(self, identity: ReaperIdentity) -> bool:
        """Claim the run for a reaper; False when another reaper holds or held it."""
        try:
            descriptor = os.open(self.reaper, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(identity))
        return True

    def read_reaper(self) -> ReaperIdentity | None:
        """Return who supervises the run, or None if nobody ever did."""
        return self._read_small(self.reaper.name, ReaperIdentity)

    def _read_small(self, name: str, kind: type[T]) -> T | None:
        """Read a small JSON file; what a power loss left damaged, or is no such file, is absent."""
        try:
            return msgspec.json.decode(self.read(name, _SMALL_BYTES), type=kind)
        except Unreadable:
            # For want of memory or descriptors; what we may not read is nothing that we wrote.
            if os.access(self.path / name, os.R_OK):
                raise
            return None
        except (NotFound, TooLarge, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def transport(self) -> str | None:
        """Return how the kernel was last told to listen: ``ipc`` or ``tcp``; None if unknown."""
        connection = self._read_small(self.connection.name, _Connection)
        return None if connection is None else connection.transport

    def request_cancel(self) -> None:
        """Ask the reaper to end the run; it looks several times a second."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with suppress(FileExistsError):
            os.close(os.open(self.cancel, flags, 0o600))

    def cancel_requested(self) -> bool:
        """Tell whether somebody asked for the end of the run, or took its directory away."""
        return os.path.lexists(self.cancel) or self.taken_away()

    def taken_away(self) -> bool:
        """Tell whether the directory that a reaper claimed is gone.

        What a process of the run has made under its name since is not it.
        """
        return not self.reaper.exists()

    def beat(self) -> None:
        """Show that the worker lives: set the heartbeat file's time to now."""
        try:
            os.utime(self.heartbeat)
        except FileNotFoundError:
            self.heartbeat.touch(mode=0o600)

    def heartbeat_age(self) -> float:
        """Return the seconds since the worker last showed that it lives; infinite if it never did."""
        try:
            return time.time() - self.heartbeat.stat().st_mtime
        except FileNotFoundError:
            return math.inf

    def silence(self) -> float:
        """Return the seconds since a kernel last wrote to its spool; infinite if none ever did.

        Negative when that lies in the future of this machine's clock.
        """
        newest = -math.inf
        for path in (self.spool, *self.spools()):
            with suppress(FileNotFoundError):
                newest = max(newest, path.stat().st_mtime)
        return time.time() - newest

    def spools(self) -> list[Path]:
        """Return the spool files of all writers, by name; what is no file has no records."""
        try:
            with os.scandir(self.spool) as entries:
                names = [
                    entry.name
                    for entry in entries
                    if entry.name.endswith(".spool") and entry.is_file(follow_symlinks=False)
                ]
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
                raise
            return []
        return [self.spool / name for name in sorted(names)]

    def remove_sockets(self) -> None:
        """Remove the folder of the kernel's sockets, wherever it is, if it is ours."""
        for place in places():
            folder = place / f"jm-{self.run_id}"
            with suppress(OSError):
                if folder.lstat().st_uid == os.geteuid():
                    shutil.rmtree(folder, ignore_errors=True)

    def discard(self) -> None:
        """Remove everything of the run from the disk."""
        self.remove_sockets()
        if self.path.is_symlink() or not self.path.is_dir():
            # Code of the run may have put anything in its place.
            self.path.unlink(missing_ok=True)
            return
        for _ in range(_REMOVALS):
            # Again, where a cancel was passed on meanwhile: its file keeps the directory.
            shutil.rmtree(self.path, ignore_errors=True)
            if not self.path.exists():
                return
