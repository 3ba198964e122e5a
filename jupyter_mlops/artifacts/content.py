"""Content-addressed bytes on disk: durable before they are named, checked before they are served."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO

from jupyter_mlops.artifacts.disk_errors import disk_errors
from jupyter_mlops.artifacts.incoming import (
    SMALL_BYTES,
    Incoming,
    new_file,
    new_name,
    write_all,
)
from jupyter_mlops.artifacts.tombstones import Tombstones
from jupyter_mlops.domain.errors import NotFound, StoreDamaged
from jupyter_mlops.durable import make_folder, sync_folder
from jupyter_mlops.safe_open import open_beneath

_CHUNK = 1 << 20
_DIGEST = re.compile(r"sha256:([0-9a-f]{2})([0-9a-f]{62})")
_REMEMBERED = 4_096
# Another disk, or one without hard links.
_NO_SECOND_NAME = (errno.EXDEV, errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK)


class ContentStore:
    """Bytes under ``<home>/artifacts``, each named by its own sha256 (security row S14).

    A digest is ``sha256:<64 hex digits>``, a size is in bytes. When a ``put_…`` returns, the bytes
    survive a power cut (durability row D3).
    """

    def __init__(self, home: Path) -> None:
        self._blobs = home / "artifacts" / "sha256"
        self._temporary = home / "tmp"
        with disk_errors():
            for folder in (home, home / "artifacts", self._blobs, self._temporary):
                make_folder(folder)
            self._tombstones = Tombstones(home / "artifacts")
        # Folders whose own names are durable; what is there at the first file is made so at once.
        self._folders: dict[str, Path] | None = None
        # Which files were found whole, by what would differ after any write to them.
        self._verified: dict[str, tuple[int, ...]] = {}

    def put_bytes(self, data: bytes) -> tuple[str, int]:
        """Store ``data``; return its digest and size."""
        hexdigest = hashlib.sha256(data).hexdigest()
        with self._new_file() as (file, temporary):
            write_all(file, (data,))
            return self._place(file, temporary, hexdigest), len(data)

    def put_stream(self, source: BinaryIO) -> tuple[str, int]:
        """Store what a binary file gives from its position to its end; return digest and size."""
        digest, size = hashlib.sha256(), 0
        with self._new_file() as (file, temporary):
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
                write_all(file, (chunk,))
            return self._place(file, temporary, digest.hexdigest()), size

    def begin(self, declared: int | None = None) -> Incoming:
        """Return where bytes go that arrive piece by piece, as many as are declared if they are."""
        return Incoming(self._temporary, declared)

    def keep(self, incoming: Incoming) -> tuple[str, int]:
        """Store what arrived; return its digest and size."""
        with incoming.whole() as file:
            if isinstance(file, bytes):
                return self.put_bytes(file)
            digest = self._place(file, incoming.temporary, incoming.hexdigest)
        return digest, incoming.size

    def take(self, folder: Path, name: str) -> tuple[str, int]:
        """Store a file of ours that nobody writes to any more; return its digest and size.

        It gets a second name instead of a copy where the disk can do that, and becomes read-only;
        its first name is then the caller's to remove. NotFound for a symbolic link or anything odd.
        """
        with open_beneath(folder, name, hard_links=True) as source:
            digest, size = hashlib.sha256(), 0
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
            found = os.fstat(source.fileno())
            # A file with more names may be changed by them, and is copied.
            if found.st_nlink == 1:
                with self._second_name(folder / name, found) as temporary:
                    if temporary is not None:
                        return self._place(source.fileno(), temporary, digest.hexdigest()), size
            source.seek(0)
            return self.put_stream(source)

    @contextmanager
    def _second_name(self, path: Path, found: os.stat_result) -> Iterator[Path | None]:
        """Give another name of the file, gone afterwards unless it was placed; None if impossible."""
        temporary = new_name(self._temporary)
        with disk_errors():
            try:
                os.link(path, temporary, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_SECOND_NAME:
                    raise
                yield None
                return
            try:
                # The name may have come to mean another file since that one was opened.
                yield temporary if os.path.samestat(temporary.lstat(), found) else None
            finally:
                temporary.unlink(missing_ok=True)

    def open(self, digest: str) -> BinaryIO:
        """Open stored bytes; NotFound when there are none, StoreDamaged when they changed.

        What is small is in memory: the bytes that were looked at are the ones that are given.
        """
        file = self._open(digest)
        try:
            if os.fstat(file.fileno()).st_size <= SMALL_BYTES:
                with file:
                    data = file.read()
                whole, file = (
                    f"sha256:{hashlib.sha256(data).hexdigest()}" == digest,
                    io.BytesIO(data),
                )
            else:
                whole = self._is_whole(digest, file)
            if not whole:
                raise StoreDamaged(
                    "This file is damaged on disk: its bytes are not the ones that were stored. "
                    "It was kept; restore it from a backup of the artifacts folder."
                )
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def verify(self, digest: str) -> bool:
        """Read stored bytes anew and tell whether they are the ones stored; NotFound if gone."""
        self._verified.pop(digest, None)
        with self._open(digest) as file:
            return self._is_whole(digest, file)

    def size(self, digest: str) -> int | None:
        """Return the size of stored bytes without reading them, None when there are none."""
        try:
            with self._open(digest) as file:
                return os.fstat(file.fileno()).st_size
        except NotFound:
            return None

    def naming(self) -> AbstractContextManager[None]:
        """Keep a purge from taking the bytes that are put in this block and named by a row in it.

        Begin it before the transaction, and commit inside. Bytes put without it are safe from
        everything but a purge that comes before their row.
        """
        return self._tombstones.naming()

    def _open(self, digest: str) -> BinaryIO:
        # A file that was taken has its first name too until that is removed.
        return open_beneath(self._blobs, "/".join(_parts(digest)), hard_links=True)

    def _is_whole(self, digest: str, file: BinaryIO) -> bool:
        found = os.fstat(file.fileno())
        mark = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if self._verified.get(digest) == mark:
            return True
        actual = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            actual.update(chunk)
        if f"sha256:{actual.hexdigest()}" != digest:
            return False
        if len(self._verified) >= _REMEMBERED:
            self._verified.clear()
        self._verified[digest] = mark
        return True

    @contextmanager
    def _new_file(self) -> Iterator[tuple[int, Path]]:
        """Give a file that nobody else sees, gone afterwards unless it was placed."""
        temporary = new_name(self._temporary)
        with disk_errors():
            file = new_file(temporary)
            try:
                yield file, temporary
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            finally:
                os.close(file)

    def _place(self, descriptor: int, temporary: Path, hexdigest: str) -> str:
        os.fchmod(descriptor, 0o444)
        os.fsync(descriptor)
        target = self._shard(hexdigest[:2])
        with self._tombstones.shared():
            # Equal bytes may be there already; the new file replaces them in one step, which also
            # heals a copy that was damaged, and one whose name a failing disk may have lost.
            temporary.replace(target / hexdigest[2:])
            sync_folder(target)
            self._tombstones.lift(hexdigest)
        return f"sha256:{hexdigest}"

    def _shard(self, name: str) -> Path:
        """Return a folder of stored bytes, whose own name is durable."""
        if self._folders is None:
            found = {path.name: path for path in self._blobs.iterdir()}
            # Whoever made them may not have made their names durable yet.
            sync_folder(self._blobs)
            self._folders = found
        if name not in self._folders:
            make_folder(self._blobs / name)
            self._folders[name] = self._blobs / name
        return self._folders[name]


def _parts(digest: str) -> tuple[str, str]:
    match = _DIGEST.fullmatch(digest)
    if match is None:
        raise NotFound("There is no such file.")
    return match[1], match[2]
