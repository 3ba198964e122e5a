"""Whether a store is sound: what SQLite finds when it reads all of it, and which files it names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jupyter_mlops.domain.soundness import NamedFile
from jupyter_mlops.store import failures

_STEPS_BETWEEN_LOOKS = 20_000
_TOLD = 20
# One row per file, with one of the runs that name it.
_NAMED_FILES = """
SELECT digest, run_id, path FROM (
    SELECT a.digest, r.run_id, a.path FROM artifacts AS a JOIN runs AS r ON r.seq = a.run
    UNION ALL SELECT source_digest, run_id, 'source notebook' FROM runs
    UNION ALL SELECT executed_digest, run_id, 'executed notebook' FROM runs
    UNION ALL SELECT log_digest, run_id, 'log' FROM runs
) WHERE digest IS NOT NULL GROUP BY digest
"""


def faults(connection: sqlite3.Connection) -> list[str]:
    """Read every page, index and reference of a store; return what is wrong, in SQLite's words.

    Raises sqlite3.Error when it could not be read to the end for a reason that is no damage.
    """
    try:
        told = [str(row[0]) for row in connection.execute(f"PRAGMA integrity_check({_TOLD})")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchmany(_TOLD)
    except sqlite3.DatabaseError as error:
        if not failures.is_damage(error):
            raise
        return [str(error)]
    lost = [
        f"row {row} of {table} points to a row of {owner} that is not there"
        for table, row, owner, _ in broken
    ]
    return [line for line in told if line != "ok"] + lost


def named_files(connection: sqlite3.Connection) -> list[NamedFile]:
    """Return the stored files that rows name, each once."""
    rows = connection.execute(_NAMED_FILES)
    return [NamedFile(digest=digest, run_id=run_id, path=path) for digest, run_id, path in rows]


@contextmanager
def interruptible(
    connection: sqlite3.Connection, interrupted: Callable[[], bool]
) -> Iterator[None]:
    """Let ``interrupted`` break off what the connection does in the block, by sqlite3.Error.

    A connection of an engine has to come from ``sqlite.unlimited``: there is one such watch.
    """
    connection.set_progress_handler(interrupted, _STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
