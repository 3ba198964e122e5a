"""Origins: which runs of a store belong to this home.

Several homes may share a PostgreSQL database. The run directories of one are out of sight of the
others, so that each looks after its own runs only.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from jupyter_mlops.domain.run_spec import Origin, Originated
from jupyter_mlops.store import runs

_REMEMBERED = 10_000


class Origins:
    """Tells runs of our home from those of others; what a run's origin is never changes."""

    def __init__(self, ours: Origin) -> None:
        self._ours = ours
        self._known: dict[str, bool] = {}

    def is_ours(self, connection: Connection, run_id: str) -> bool:
        """Tell whether a run belongs to this home; one of unknown origin does."""
        if self._ours.home_id is None:
            return True
        if run_id not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            origin = origin_in(runs.spec(connection, run_id))
            self._known[run_id] = origin is None or origin.home_id in (None, self._ours.home_id)
        return self._known[run_id]


def origin_in(spec: bytes | None) -> Origin | None:
    """Return the origin that stored orders tell; None where there is none, or none is readable."""
    if spec is None:
        return None
    try:
        return msgspec.json.decode(spec, type=Originated).origin
    except msgspec.DecodeError:
        return None


def only_origin(origin: Origin) -> bytes:
    """Return what is kept in place of orders for a run that code opened in this home."""
    kept = Origin(home_id=origin.home_id, environment=None)
    return msgspec.json.encode(Originated(origin=kept))
