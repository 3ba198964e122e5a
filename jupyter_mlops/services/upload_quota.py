"""The upload quota: what the files of one user may take together (security row S8)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass

from jupyter_mlops.artifacts.incoming import Incoming
from jupyter_mlops.domain.errors import QuotaExceeded
from jupyter_mlops.store import stored_bytes
from jupyter_mlops.store.database import Database

# What is stored is counted in the database at most so often, and once more before anything is refused.
COUNTED_SECONDS = 60.0


@dataclass(frozen=True)
class _Count:
    total: int
    at: float


class UploadQuota:
    """Keeps the files of each user, those that are arriving too, below ``limit`` bytes; 0 is no limit.

    Any thread may ask. Files that another server of the same store took count within a minute.
    """

    def __init__(self, database: Database, limit: int) -> None:
        self._database = database
        self._limit = limit
        self._lock = threading.Lock()
        self._stored: dict[str, _Count] = {}
        self._arriving: Counter[str] = Counter()

    def begin(self, user: str, declared: int | None) -> Share:
        """Return the share of an upload; QuotaExceeded when its declared length has no room."""
        if self._limit:
            with self._lock:
                self._check(user, declared or 0)
        return Share(self, user)

    def take(self, user: str, size: int) -> None:
        """Count bytes that arrived; QuotaExceeded when there is no room for them."""
        if self._limit:
            with self._lock:
                self._check(user, size)
                self._arriving[user] += size

    def settle(self, user: str, size: int, *, kept: bool) -> None:
        """Count bytes that arrived as stored from now on, or no more."""
        if self._limit:
            with self._lock:
                self._arriving[user] -= size
                if not self._arriving[user]:
                    del self._arriving[user]
                count = self._stored.get(user)
                if kept and count is not None:
                    self._stored[user] = _Count(count.total + size, count.at)

    def _check(self, user: str, size: int) -> None:
        wanted = self._arriving[user] + size
        count = self._stored.get(user)
        if count is None or time.monotonic() - count.at > COUNTED_SECONDS:
            count = self._count(user)
        if count.total + wanted > self._limit:
            # Files may have been deleted since.
            count = self._count(user)
        if count.total + wanted > self._limit:
            raise QuotaExceeded(
                f"Your files may take {self._limit:,} bytes together on this server, and this one "
                "has no room. Delete runs or models that you do not need, and empty the trash."
            )

    def _count(self, user: str) -> _Count:
        with self._database.read() as connection:
            total = stored_bytes.of_user(connection, user)
        count = self._stored[user] = _Count(total, time.monotonic())
        return count


class Share:
    """What one upload takes of the quota of its user."""

    def __init__(self, quota: UploadQuota, user: str) -> None:
        self._quota = quota
        self._user = user
        # Whoever sends it may go away while a thread writes.
        self._lock = threading.Lock()
        self._size = 0
        self._settled = False

    def take(self, size: int) -> None:
        """Count bytes that arrived; QuotaExceeded when there is no room for them.

        What arrives of an upload that is settled goes nowhere, and does not count.
        """
        with self._lock:
            if not self._settled:
                self._quota.take(self._user, size)
                self._size += size

    def settle(self, *, kept: bool) -> None:
        """Say what became of the upload; only the first word counts."""
        with self._lock:
            if not self._settled and self._size:
                self._quota.settle(self._user, self._size, kept=kept)
            self._settled = True


class ArrivingFile:
    """A file on its way in, counted as it arrives."""

    def __init__(self, incoming: Incoming, share: Share) -> None:
        self.incoming = incoming
        self.share = share
        self.kept = False

    @property
    def size(self) -> int:
        """How many bytes arrived so far."""
        return self.incoming.size

    def write(self, *pieces: bytes | bytearray) -> None:
        """Add what arrived; QuotaExceeded, DiskFull or Unavailable when it cannot be kept."""
        self.share.take(sum(map(len, pieces)))
        self.incoming.write(*pieces)

    def wait_on_disk(self) -> None:
        """Hold no bytes in memory until it is stored."""
        self.incoming.wait_on_disk()

    def keep(self) -> None:
        """Say that it is stored, and named."""
        self.kept = True
        self.share.settle(kept=True)

    def discard(self) -> None:
        """Forget what arrived, unless it is kept already."""
        self.incoming.discard()
        self.share.settle(kept=False)
