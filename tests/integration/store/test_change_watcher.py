"""Panels hear of changes again, whatever went wrong meanwhile."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from jupyter_mlops.domain.errors import StoreDamaged
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.services.changes import ChangeWatcher
from jupyter_mlops.store import backups, events
from jupyter_mlops.store.database import Database

TIMES = 3


class _OddDatabase(Database):
    """A store of which the first questions fail in a way that nobody expected."""

    left = TIMES

    def change_counter(self) -> int:
        if self.left:
            self.left -= 1
            raise sqlite3.ProgrammingError("it went wrong")
        return super().change_counter()


def test_a_failure_that_nobody_expected_is_logged_once_and_ends_nothing(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = _OddDatabase.open(home / "store.db")
    heard, told = threading.Event(), list[int]()

    def on_change(seq: int) -> None:
        told.append(seq)
        if len(told) == 1:
            raise OSError("the host is not ready")
        heard.set()

    watcher = ChangeWatcher(database, on_change)
    watcher.start()
    with database.write() as connection:
        events.append(connection, EventType.RUN_CREATED, "run", "olive")
    assert heard.wait(10)
    watcher.close()
    database.close()
    assert database.left == 0
    assert told == [1, 1]
    failures = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert ["ProgrammingError" in each for each in failures] == [True, False]


def test_damage_on_a_disk_that_cannot_be_read_is_told_in_our_words() -> None:
    nowhere = Path("/") / ("x" * 300) / "store.db"
    assert isinstance(backups.damaged(nowhere), StoreDamaged)
