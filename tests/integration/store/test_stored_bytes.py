"""What is stored for a user is the sum of the files of their runs and models, on both databases."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.store import stored_bytes
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import runs
from tests.faults.store_workload import run_id_of, write_one


def test_files_of_runs_and_models_are_counted_for_their_own_user(
    database: Database, home: Path
) -> None:
    content = ContentStore(home)
    sizes = [content.size(write_one(database, content, number)) or 0 for number in range(3)]
    with database.write() as connection:
        of_ada = update(runs).where(runs.c.run_id == run_id_of(2)).values(user="ada")
        connection.execute(of_ada)
    with database.read() as connection:
        # Each run has one file, and its model names the same one.
        assert stored_bytes.of_user(connection, "ada") == sizes[2]
        assert stored_bytes.of_user(connection, "olive") == 2 * sum(sizes[:2]) + sizes[2]
        assert stored_bytes.of_user(connection, "nobody") == 0
