"""Values of secret parameters between submission and launch: in memory only, never on disk."""

from __future__ import annotations

import threading
from collections.abc import Mapping


class SecretKeeper:
    """Holds the secrets of the queued runs of this process until they have started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, dict[str, str]] = {}

    def keep(self, run_id: str, secrets: Mapping[str, str]) -> None:
        """Remember the secrets of a queued run."""
        with self._lock:
            self._held[run_id] = dict(secrets)

    def get(self, run_id: str) -> dict[str, str]:
        """Return the secrets of a run that is being launched; KeyError if unknown."""
        with self._lock:
            return dict(self._held[run_id])

    def forget(self, run_id: str) -> None:
        """Drop the secrets of a run that has started, or will not."""
        with self._lock:
            self._held.pop(run_id, None)

    def holds(self, run_id: str) -> bool:
        """Tell whether the secrets of this run are here."""
        with self._lock:
            return run_id in self._held

    def run_ids(self) -> list[str]:
        """Return the runs whose secrets wait here."""
        with self._lock:
            return list(self._held)
