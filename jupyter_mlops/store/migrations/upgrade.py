"""Bringing an older store to the schema of this program, all or nothing (durability row D7)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from jupyter_mlops.domain.errors import StoreDamaged

SCRIPTS = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Apply the revisions that are missing, in the caller's transaction.

    On SQLite the caller has switched foreign keys off, because a table that changes its columns is
    made anew; they are checked here instead, and StoreDamaged undoes everything.
    """
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if (
        connection.dialect.name == "sqlite"
        and connection.execute(text("PRAGMA foreign_key_check")).first()
    ):
        raise StoreDamaged("The upgrade of the store would have left rows without their owner.")
