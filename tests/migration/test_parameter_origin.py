"""From the first schema to the second: a flag of parameters becomes their origin."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from jupyter_mlops.domain.runs import Parameter
from jupyter_mlops.store import postgresql, runs, schema, sqlite
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.migrations import upgrade

_ROWS = """
INSERT INTO experiments (id, name, canonical_name, description, created_at)
VALUES (1, 'Default', 'default', '', 1);
INSERT INTO runs (seq, run_id, experiment_id, name, status, source_type, "user", created_at)
VALUES (1, '{run_id}', 1, 'train', 'FINISHED', 'notebook', 'ada', 1);
INSERT INTO parameters (run, key, position, value, type, secret, logged)
VALUES (1, 'alpha', 0, '0.5', 'float', 0, 0);
INSERT INTO parameters (run, key, position, value, type, secret, logged)
VALUES (1, 'token', 1, '"***"', 'str', 1, 0);
INSERT INTO parameters (run, key, position, value, type, secret, logged)
VALUES (1, 'depth', 2, '[1]', 'list', 0, 1)
"""
RUN_ID = "a" * 32


def make_first_version(connection: Connection) -> None:
    """Make the schema as it was, and a run with parameters in it."""
    config = Config()
    config.set_main_option("script_location", str(upgrade.SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    for statement in _ROWS.format(run_id=RUN_ID).split(";"):
        connection.execute(text(statement))
    if connection.dialect.name == "sqlite":
        schema.mark(connection)
        connection.exec_driver_sql("PRAGMA user_version=1")


def test_recorded_parameters_keep_whether_they_were_given_or_logged(store_url: str) -> None:
    if store_url.startswith("postgresql:"):
        store = postgresql.PostgresqlStore(store_url)
        with store.writer.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
            make_first_version(connection)
        store.close()
    else:
        path = Path(store_url)
        path.parent.mkdir(parents=True)
        path.touch()
        engine = sqlite.writer(path)
        with engine.begin() as connection:
            make_first_version(connection)
        engine.dispose()
    database = Database.open(store_url)
    with database.read() as connection:
        found = runs.get(connection, RUN_ID).parameters
    database.close()
    assert found == [
        Parameter(key="alpha", value=0.5, type="float", secret=False, origin="given"),
        Parameter(key="token", value="***", type="str", secret=True, origin="given"),
        Parameter(key="depth", value=[1], type="list", secret=False, origin="logged"),
    ]
