"""What of SQLite the embedded store cannot do without is looked for before it opens."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from jupyter_mlops.domain.errors import Unavailable
from jupyter_mlops.store import sqlite


def test_this_sqlite_is_one_that_the_store_works_with() -> None:
    sqlite.check_version()


def test_one_without_json_is_refused_with_what_to_do() -> None:
    def without_json(action: int, _: object, function: str | None, *__: object) -> int:
        is_json = action == sqlite3.SQLITE_FUNCTION and str(function).startswith("json")
        return sqlite3.SQLITE_DENY if is_json else sqlite3.SQLITE_OK

    with closing(sqlite3.connect(":memory:")) as connection:
        sqlite.check_json(connection)
        connection.set_authorizer(without_json)
        with pytest.raises(Unavailable, match=r"without JSON. Use another Python"):
            sqlite.check_json(connection)
