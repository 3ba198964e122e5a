"""Everything that a request could have changed, as one comparable value."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

# The elected server renews its lease and keeps house in its own time; that is no effect of a request.
_RESTLESS_TABLES = {"leases"}
_RESTLESS_FILES = ("store.db*", "backups/*", "artifacts/*.lock")


def snapshot(home: Path, *roots: Path) -> dict[str, str]:
    """Return a digest for each table of the store and each file below ``home`` and ``roots``."""
    found = {}
    with sqlite3.connect(f"file:{home / 'store.db'}?mode=ro", uri=True) as connection:
        names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (name,) in names:
            if name not in _RESTLESS_TABLES:
                rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
                found[f"table {name}"] = _digest(repr(sorted(map(repr, rows))).encode())
    connection.close()
    restless = {path for pattern in _RESTLESS_FILES for path in home.glob(pattern)}
    for root in (home, *roots):
        for path in sorted(root.rglob("*")):
            if path.is_file() and path not in restless:
                found[str(path)] = _digest(path.read_bytes())
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
