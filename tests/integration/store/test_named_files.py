"""What a check of a home looks at: each stored file with whose it is, in stores of any age."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from jupyter_mlops.bootstrap import check_home
from jupyter_mlops.store import backup_reading, logged_model_artifacts, schema, sqlite
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.migrations import upgrade
from tests.integration.store.test_logged_models import artifact, insert_model


def test_a_lost_file_of_a_logged_model_is_told_with_the_model(home: Path) -> None:
    database = Database.open(home / "store.db")
    with database.write() as connection:
        model_id = insert_model(connection)
        logged_model_artifacts.put(connection, model_id, artifact("MLmodel"))
    database.close()
    (fault,) = check_home(home).faults
    assert fault.startswith(f"MLmodel of logged model {model_id} is missing")


@pytest.mark.parametrize("version", range(1, 4))
def test_a_backup_from_before_logged_models_is_read(tmp_path: Path, version: int) -> None:
    path = tmp_path / "old.db"
    path.touch()
    engine = sqlite.writer(path)
    with closing(engine.connect()) as connection, connection.begin():
        config = Config()
        config.set_main_option("script_location", str(upgrade.SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, schema.revision(version))
    engine.dispose()
    assert backup_reading.named_files(path) == []
