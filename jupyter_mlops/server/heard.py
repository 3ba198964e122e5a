"""Whether a line for the log has a reader; one that has none is not made.

Jupyter's logger takes records of every level, and leaves it to what writes them to drop most: to make a
record that is dropped takes longer than many a look into the store.
"""

from __future__ import annotations

import logging


def is_heard(log: logging.Logger, level: int) -> bool:
    """Tell whether anything takes the records of this level that ``log`` is given."""
    if not log.isEnabledFor(level):
        return False
    place: logging.Logger | None = log
    while place is not None:
        if any(handler.level <= level for handler in place.handlers):
            return True
        place = place.parent if place.propagate else None
    return False
