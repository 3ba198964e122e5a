"""To the schema with tokens of kernels: runs keep their rows, and their numbers for good."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from jupyter_mlops.store import runs, schema, sqlite
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.migrations import upgrade
from tests.integration.store.conftest import insert_run

KEPT, GONE = "a" * 32, "b" * 32


def make_the_version_before(path: Path) -> None:
    """Make a store of the schema before, with a run in it and the last one purged."""
    path.parent.mkdir(parents=True)
    path.touch()
    engine = sqlite.writer(path)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(upgrade.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for run_id in (KEPT, GONE):
            connection.execute(
                text(
                    "INSERT INTO runs (run_id, experiment_id, name, status, source_type, user,"
                    " created_at, note, autolog, version)"
                    " VALUES (:run_id, 0, 'train', 'FINISHED', 'notebook', 'ada', 1, 'good', 1, 3)"
                ),
                {"run_id": run_id},
            )
        connection.execute(text("DELETE FROM runs WHERE run_id = :gone"), {"gone": GONE})
        schema.mark(connection)
        connection.exec_driver_sql("PRAGMA user_version=6")
    engine.dispose()


def test_a_run_keeps_its_row_and_no_later_one_gets_a_number_that_was_given(home: Path) -> None:
    path = home / "store.db"
    make_the_version_before(path)
    database = Database.open(path)
    with database.write() as connection:
        kept = runs.get(connection, KEPT)
        new = runs.find(connection, insert_run(connection))
    database.close()
    assert (kept.name, kept.note, kept.autolog, kept.version) == ("train", "good", True, 3)
    assert new is not None
    assert new.seq == 3
