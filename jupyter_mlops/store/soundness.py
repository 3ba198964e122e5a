"""Whether a store is sound: what SQLite finds when it reads all of it, and which files it names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jupyter_mlops.domain.soundness import NamedFile
from jupyter_mlops.store import failures

_STEPS_BETWEEN_LOOKS = 20_000
_TOLD = 20
_FILES_OF_RUNS = """
SELECT a.digest, 'run ' || r.run_id AS holder, a.path
FROM artifacts AS a JOIN runs AS r ON r.seq = a.run
UNION ALL SELECT source_digest, 'run ' || run_id, 'source notebook' FROM runs
UNION ALL SELECT executed_digest, 'run ' || run_id, 'executed notebook' FROM runs
UNION ALL SELECT log_digest, 'run ' || run_id, 'log' FROM runs
"""
_FILES_OF_MODELS = """
UNION ALL SELECT f.digest, 'logged model ' || m.model_id, f.path
FROM logged_model_artifacts AS f JOIN logged_models AS m ON m.seq = f.model
"""
_HAS_MODELS = "SELECT 1 FROM sqlite_schema WHERE name = 'logged_model_artifacts'"


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
    # A backup may be older than the table.
    has_models = connection.execute(_HAS_MODELS).fetchone() is not None
    named = _FILES_OF_RUNS + (_FILES_OF_MODELS if has_models else "")
    rows = connection.execute(
        f"SELECT digest, holder, path FROM ({named}) "  # noqa: S608
        "WHERE digest IS NOT NULL GROUP BY digest"
    )
    return [NamedFile(digest=digest, holder=holder, path=path) for digest, holder, path in rows]


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
