"""What is asked about many at once is asked whole, however many they are."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select

from jupyter_mlops.store import tags
from jupyter_mlops.store.among import Among
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import tags as tag_rows
from tests.integration.store.conftest import NewRun

TAGGED = Among(
    lambda keys: select(tag_rows.c.key, tag_rows.c.value).where(
        tag_rows.c.value == bindparam("value"), tag_rows.c.key.in_(keys)
    )
)


@pytest.mark.parametrize("count", [0, 1, 2, 25, 26, 99, 100, 101, 500, 501])
def test_each_of_any_number_is_found_once(database: Database, new_run: NewRun, count: int) -> None:
    keys = [f"k{number}" for number in range(count)]
    run_id = new_run()
    with database.write() as connection:
        tags.set_all(connection, run_id, dict.fromkeys([*keys, "other"], "yes"))
    with database.read() as connection:
        found = [tuple(row) for row in TAGGED.rows(connection, keys, {"value": "yes"})]
        assert list(TAGGED.rows(connection, keys, {"value": "no"})) == []
    assert sorted(found) == sorted((key, "yes") for key in keys)
