"""No collection takes bytes that a row still names, whichever column names them (row S14)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_mlops.domain.artifacts import Artifact
from jupyter_mlops.services.housekeeping import Housekeeping
from jupyter_mlops.store import artifacts, backups, logged_model_artifacts, runs
from jupyter_mlops.store import trash as trash_rows
from jupyter_mlops.store.database import Connection
from jupyter_mlops.store.tables import metadata
from tests.faults.store_workload import model_id_of, run_id_of
from tests.integration.trash.conftest import ENDED, RUNS, Trash
from tests.workspace import until

RUN = run_id_of(RUNS - 1)


def _artifact(connection: Connection, digest: str) -> None:
    artifact = Artifact(
        path="named.bin", digest=digest, size=5, media_type="x", preview="none", created_at=1
    )
    artifacts.put(connection, RUN, artifact)


def _file_of_model(connection: Connection, digest: str) -> None:
    artifact = Artifact(
        path="named.bin", digest=digest, size=5, media_type="x", preview="none", created_at=1
    )
    logged_model_artifacts.put(connection, model_id_of(RUNS - 1), artifact)


# How each column that names stored bytes comes to do so.
NAMERS: dict[str, Callable[[Connection, str], None]] = {
    "runs.source_digest": lambda connection, digest: runs.set_digests(
        connection, RUN, source=digest
    ),
    "runs.executed_digest": lambda connection, digest: runs.set_digests(
        connection, RUN, executed=digest
    ),
    "runs.log_digest": lambda connection, digest: runs.set_digests(connection, RUN, log=digest),
    "artifacts.digest": _artifact,
    "logged_model_artifacts.digest": _file_of_model,
}
# Digests of lists of packages, which are rows, and of data sets, which clients made up.
NO_FILES = {
    "environments.packages_digest",
    "package_lists.digest",
    "datasets.digest",
    "kernel_tokens.digest",
}


def test_every_column_with_a_digest_is_known_here() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if "digest" in column.name
    }
    assert columns == set(NAMERS) | NO_FILES


@pytest.mark.parametrize("column", sorted(NAMERS))
def test_bytes_that_a_row_names_survive_every_collection(trash: Trash, column: str) -> None:
    digest, _ = trash.content.put_bytes(b"named")
    unnamed, _ = trash.content.put_bytes(b"unnamed")
    with trash.database.write() as connection:
        NAMERS[column](connection, digest)
    assert trash.collect() == 1
    assert trash.collect() == 0
    assert digest in trash.blobs()
    assert unnamed not in trash.blobs()
    assert set(trash.digests) <= trash.blobs()


def test_runs_in_the_trash_keep_their_files(trash: Trash) -> None:
    assert trash.collect() == 0
    assert trash.blobs() == set(trash.digests)


def test_what_a_purge_left_behind_is_collected(trash: Trash) -> None:
    with trash.database.write() as connection:
        (seq, _), *_ = trash_rows.page(connection)
        assert trash_rows.purge(connection, seq) == {trash.digests[0]}
    assert trash.blobs() == set(trash.digests)
    assert trash.collect() == 1
    assert trash.blobs() == set(trash.digests[1:])


def housekeeping(trash: Trash, days: int, *, leads: bool = True) -> Housekeeping:
    return Housekeeping(trash.database, trash.service, trash.collector, days, leads=lambda: leads)


@pytest.mark.parametrize(("days", "left"), [(0, ENDED), (30, 0)])
def test_the_trash_empties_itself_only_when_it_was_told_to(
    trash: Trash, days: int, left: int
) -> None:
    # They were deleted in 1970.
    housekeeping(trash, days).round()
    with trash.database.read() as connection:
        assert trash_rows.count(connection) == left


def test_keeping_house_backs_up_an_embedded_store_once_a_day(trash: Trash) -> None:
    for _ in range(2):
        housekeeping(trash, 0).round()
    embedded = (trash.home / "store.db").exists()
    assert len(backups.available(trash.home / "store.db")) == (1 if embedded else 0)


def test_what_was_just_deleted_does_not_expire(trash: Trash) -> None:
    run_id = run_id_of(0)
    with trash.database.write() as connection:
        runs.restore(connection, run_id)
        runs.trash(connection, run_id, 2**45)
    housekeeping(trash, 1).round()
    with trash.database.read() as connection:
        assert [run_id for _, run_id in trash_rows.page(connection)] == [run_id]


def test_the_one_that_leads_keeps_house_in_the_background(
    trash: Trash, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remaining() -> int:
        with trash.database.read() as connection:
            return trash_rows.count(connection)

    started = housekeeping(trash, 1)
    started.start()
    started.close()
    assert remaining() == ENDED, "it works at once, when a server has better things to do"
    monkeypatch.setattr("jupyter_mlops.services.housekeeping.FIRST_SECONDS", 0.01)
    follower, leader = housekeeping(trash, 1, leads=False), housekeeping(trash, 1)
    follower.start()
    with pytest.raises(AssertionError, match="in vain"):
        until(lambda: remaining() < ENDED, "a follower to do it", seconds=0.5)
    leader.start()
    until(lambda: remaining() == 0, "the trash to be emptied")
    follower.close()
    leader.close()
