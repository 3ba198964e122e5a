"""Servers that keep kernels: which of them live, so that no run of a dead one stays open.

Of a process beside this one it is certain. One in another container, or on another machine, tells
that it lives by a lease; only those of its own home judge it by that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_mlops.services import owners
from jupyter_mlops.services.leadership import LEASE_MS
from jupyter_mlops.store import leases

# How long a lease must be seen to be missing: its owner may have been held up, or have slept.
SILENCE_SECONDS = 20.0


@dataclass(frozen=True)
class Judged:
    """Servers that are gone for sure, and those that live for sure."""

    gone: list[str]
    here: list[str]


class KernelServers:
    """This server, and what it knows of the others; ``awake`` is a clock that sleeps with the machine."""

    def __init__(self, home_id: str, awake: Callable[[], float]) -> None:
        self.name = owners.new_server(home_id)
        self._home_id = home_id
        self._awake = awake
        self._silent_since: dict[str, float] = {}

    def keep(self, connection: Connection, now: int) -> None:
        """Tell the others that this server lives."""
        leases.acquire(connection, _lease(self.name), self.name, now, LEASE_MS)

    def judge(self, connection: Connection, servers: Collection[str], now: int) -> Judged:
        """Tell which of the servers live, as far as it is certain."""
        here = [each for each in servers if owners.is_server_here(each)]
        silent = self._silent(connection, set(servers).difference(here), now)
        gone = [each for each in servers if each in silent or owners.is_server_gone(each)]
        return Judged(gone, here)

    def _silent(self, connection: Connection, servers: set[str], now: int) -> set[str]:
        """Return those that had a lease to renew for long enough, and did not."""
        live = leases.live(connection, now) if servers else set()
        seen = self._awake()
        self._silent_since = {
            each: self._silent_since.get(each, seen)
            for each in servers
            if _lease(each) not in live and owners.home_of_server(each) == self._home_id
        }
        return {
            each for each, since in self._silent_since.items() if seen - since >= SILENCE_SECONDS
        }


def _lease(server: str) -> str:
    return f"kernels:{server}"
