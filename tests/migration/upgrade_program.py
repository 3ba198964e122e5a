"""Open a store as the next version of the program, and die at one statement.

``python -m tests.migration.upgrade_program URL SCRIPTS VERSION N``: with N = 0 it lives, and prints
how many places to die at there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from jupyter_mlops.store import embedded, postgresql, schema
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.migrations import upgrade


def main() -> None:
    """Open the store; whatever the engine is asked counts as a statement."""
    url, scripts, version, last = sys.argv[1:]
    upgrade.SCRIPTS = Path(scripts)
    for module in (schema, embedded, postgresql):
        module.VERSION = int(version)  # type: ignore[attr-defined]
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == int(last):
            os.kill(os.getpid(), signal.SIGKILL)

    for moment in ("before_cursor_execute", "commit"):
        event.listen(Engine, moment, count)
    database = Database.open(url)
    # One more place to die at: right behind the last commit.
    count()
    database.close()
    print(seen)  # noqa: T201


if __name__ == "__main__":
    main()
