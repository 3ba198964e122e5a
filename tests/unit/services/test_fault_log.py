"""The log tells where something failed, and quotes no value."""

from __future__ import annotations

import logging

import pytest

from jupyter_mlops.domain.errors import DiskFull
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.store import experiments
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import experiments as table

CANARY = "canary-8d1f"
LOG = logging.getLogger("jupyter_mlops.test")


def test_the_row_that_a_database_refuses_is_not_in_the_log(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with database.write() as connection:
        experiments.ensure(connection, CANARY, 1)
    try:
        with database.write() as connection:
            connection.execute(
                table.insert().values(
                    name=CANARY, canonical_name=CANARY, description=CANARY, created_at=1
                )
            )
    except Exception as error:  # noqa: BLE001 - whichever the engine raises
        log_fault(LOG, "run 7 cannot be taken in", error)
    assert "run 7 cannot be taken in: IntegrityError from " in caplog.text
    assert "test_fault_log.py" in caplog.text
    assert CANARY not in caplog.text.replace("CANARY", "")


def test_an_error_of_ours_is_logged_with_its_message_and_no_frames(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log_fault(LOG, "run 7 cannot be taken in", DiskFull("The disk is full."))
    assert [item.getMessage() for item in caplog.records] == [
        "run 7 cannot be taken in: The disk is full."
    ]
