"""Collection: stored bytes that nobody names any more leave the disk (security row S14)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from jupyter_mlops.artifacts.disk_errors import disk_errors
from jupyter_mlops.artifacts.tombstones import KEPT_SECONDS, Tombstones
from jupyter_mlops.durable import make_folder, sync_folder

# Answers which of some digests a row names.
Named = Callable[[Collection[str]], set[str]]

_HEX = re.compile(r"[0-9a-f]{64}")
# Asked about in one query, and removed while nobody else may put bytes in place.
_ASKED = 1_000
_REMOVED = 50
# A purge leaves bytes to the next day's collection rather than wait longer than this.
_PATIENCE_SECONDS = 2.0


class Collector:
    """Removes bytes below ``<home>/artifacts``; any number of processes may, at any time."""

    def __init__(self, home: Path) -> None:
        self._blobs = home / "artifacts" / "sha256"
        self._temporary = home / "tmp"
        with disk_errors():
            for folder in (home, home / "artifacts", self._blobs, self._temporary):
                make_folder(folder)
            self._tombstones = Tombstones(home / "artifacts")

    def collect(self, named: Named, interrupted: Callable[[], bool] = lambda: False) -> int:
        """Remove bytes marked a day ago, mark others that no row names; return how many went.

        Bytes younger than a day are left alone, so that those whose row is just being written
        are safe. ``interrupted`` is asked between small steps, and True ends the round.
        """
        self._sweep_temporary()
        gone = 0
        # First, since a full disk may have no room for marks.
        due = filter(_HEX.fullmatch, self._tombstones.older_than(KEPT_SECONDS))
        for chunk in _chunks(due, _REMOVED):
            gone += self._remove_marked(chunk, named)
            if interrupted():
                return gone
        marked = self._tombstones.known()
        old = (digits for digits in self._older_than(KEPT_SECONDS) if digits not in marked)
        for chunk in _chunks(old, _ASKED):
            with disk_errors():
                self._bury(chunk, named)
            if interrupted():
                break
        return gone

    def remove(self, digests: Collection[str], named: Named) -> int:
        """Remove those of the digests that no row names, without waiting a day; return the bytes.

        While somebody is between putting bytes and writing their row, nothing can be told to be
        unnamed: then they are marked, and go with a later collection.
        """
        freed = 0
        for chunk in _chunks((digest.removeprefix("sha256:") for digest in digests), _ASKED):
            with disk_errors(), self._tombstones.settled(_PATIENCE_SECONDS) as settled:
                if not settled:
                    self._bury(chunk, named)
                    continue
                unnamed = _unnamed(chunk, named)
                for some in _chunks(unnamed, _REMOVED):
                    with self._tombstones.alone():
                        freed += self._unlink(some)
        return freed

    def _bury(self, chunk: Collection[str], named: Named) -> None:
        for digits in _unnamed(chunk, named):
            self._tombstones.bury(digits)

    def _remove_marked(self, chunk: Collection[str], named: Named) -> int:
        with disk_errors(), self._tombstones.alone():
            # Whoever put the bytes in place again took the mark away.
            unnamed = _unnamed(filter(self._tombstones.covers, chunk), named)
            self._unlink(unnamed)
            for digits in chunk:
                self._tombstones.lift(digits)
        return len(unnamed)

    def _unlink(self, chunk: Collection[str]) -> int:
        freed, folders = 0, set()
        for digits in chunk:
            target = self._blobs / digits[:2] / digits[2:]
            with suppress(FileNotFoundError):
                size = target.stat().st_size
                target.unlink()
                folders.add(target.parent)
                freed += size
        for folder in folders:
            sync_folder(folder)
        # Last: a crash before this leaves a mark on nothing, which the next collection lifts.
        for digits in chunk:
            self._tombstones.lift(digits)
        return freed

    def _older_than(self, seconds: float) -> Iterator[str]:
        limit = time.time() - seconds
        for path in self._blobs.glob("*/*"):
            digits = path.parent.name + path.name
            if _HEX.fullmatch(digits):
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime <= limit:
                        yield digits

    def _sweep_temporary(self) -> None:
        """Remove what processes that died left half-written."""
        for path in self._temporary.glob("blob-*"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > KEPT_SECONDS:
                    path.unlink()


def _unnamed(chunk: Iterable[str], named: Named) -> list[str]:
    digests = [f"sha256:{digits}" for digits in chunk]
    kept = named(digests) if digests else set()
    return [digest.removeprefix("sha256:") for digest in digests if digest not in kept]


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    left = iter(items)
    while chunk := list(islice(left, size)):
        yield chunk
