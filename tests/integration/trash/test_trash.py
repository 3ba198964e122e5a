"""A run leaves the trash for good: its rows, its folder and the files that only it named."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from sqlalchemy import func, select

from jupyter_mlops.artifacts.collection import Collector, Named
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, Forbidden, NotFound, Unavailable
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.file_places import InRun
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.domain.trash import Purged
from jupyter_mlops.execution.executor import LocalExecutor
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.store import events, metrics, model_versions, registered_models, runs
from jupyter_mlops.store import trash as trash_rows
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import metadata, metric_points, package_lists
from tests.claimed_run import claimed
from tests.faults.store_workload import run_id_of
from tests.integration.trash.conftest import ENDED, RUNS, Trash

ABOUT_RUNS = [
    table
    for table in metadata.sorted_tables
    if any(key.column.table.name in ("runs", "metric_series") for key in table.foreign_keys)
]


def rows(database: Database) -> dict[str, int]:
    """Return how many rows each table about runs has."""
    with database.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in [*ABOUT_RUNS, metadata.tables["runs"]]
        }


def test_a_purge_takes_every_row_of_the_run_and_no_other(trash: Trash) -> None:
    before = rows(trash.database)
    # Every kind of row is there, as many of each for one run as for another.
    assert all(count and count % RUNS == 0 for count in before.values()), before
    trash.service.purge(trash.actor, run_id_of(0))
    assert rows(trash.database) == {name: n // RUNS * (RUNS - 1) for name, n in before.items()}
    with trash.database.read() as connection:
        assert runs.find(connection, run_id_of(0)) is None
        assert runs.get(connection, run_id_of(1)).metrics[0].count == 30


def test_a_purge_frees_the_bytes_that_only_this_run_named(trash: Trash) -> None:
    with trash.database.write() as connection:
        runs.set_digests(connection, run_id_of(1), log=trash.digests[2])
    with trash.content.open(trash.digests[1]) as file:
        size = len(file.read())
    assert trash.service.purge(trash.actor, run_id_of(1)) == Purged(
        runs=1, experiments=0, logged_models=0, bytes_freed=size, remaining=ENDED - 1
    )
    assert trash.blobs() == set(trash.digests) - {trash.digests[1]}


def test_a_purge_is_told_by_one_event_of_its_actor(trash: Trash) -> None:
    with trash.database.read() as connection:
        before = events.last_seq(connection)
    trash.service.purge(trash.actor, run_id_of(0))
    with trash.database.read() as connection:
        told = events.after(connection, before, 10).events
    assert [(event.type, event.subject, event.actor) for event in told] == [
        (EventType.RUN_PURGED, run_id_of(0), "olive")
    ]


def test_only_an_ended_run_in_the_trash_can_be_purged(trash: Trash) -> None:
    before = rows(trash.database)
    with trash.database.write() as connection:
        runs.restore(connection, run_id_of(0))
    with pytest.raises(Conflict, match="delete it first"):
        trash.service.purge(trash.actor, run_id_of(0))
    with pytest.raises(Conflict, match="Cancel"):
        trash.service.purge(trash.actor, run_id_of(RUNS - 1))
    for absent in ("0" * 31 + "f", "../../etc/passwd"):
        with pytest.raises(NotFound):
            trash.service.purge(trash.actor, absent)
    reader = Actor(user="vera", display_name="", scopes=frozenset({"mlops:runs:read"}))
    with pytest.raises(Forbidden):
        trash.service.purge(reader, run_id_of(1))
    with pytest.raises(Forbidden):
        trash.service.empty(reader)
    assert rows(trash.database) == before
    assert trash.blobs() == set(trash.digests)


def test_a_refused_purge_leaves_the_folder_of_the_run(trash: Trash) -> None:
    folder = trash.home / "runs" / run_id_of(RUNS - 1) / "spool"
    folder.mkdir(parents=True)
    with pytest.raises(Conflict):
        trash.service.purge(trash.actor, run_id_of(RUNS - 1))
    assert folder.exists()


def test_emptying_takes_what_is_in_the_trash_and_nothing_else(trash: Trash) -> None:
    done = trash.service.empty(trash.actor)
    assert (done.runs, done.remaining) == (ENDED, 0)
    assert done.bytes_freed > 0
    assert trash.blobs() == set(trash.digests[ENDED:])
    with trash.database.read() as connection:
        assert trash_rows.page(connection) == []
        assert runs.find(connection, run_id_of(ENDED)) is not None
    assert trash.service.empty(trash.actor) == Purged(
        runs=0, experiments=0, logged_models=0, bytes_freed=0, remaining=0
    )


def test_only_what_is_in_the_trash_for_long_enough_expires(trash: Trash) -> None:
    done = trash.service.expire(deleted_by=101)
    assert (done.runs, done.remaining) == (2, 1)
    with trash.database.read() as connection:
        assert [run_id for _, run_id in trash_rows.page(connection)] == [run_id_of(2)]


class _StuckExecutor(LocalExecutor):
    """An executor whose disk keeps the folder of one run."""

    def discard(self, run_id: str) -> None:
        if run_id != run_id_of(0):
            super().discard(run_id)


def test_a_folder_that_stays_keeps_its_run_and_no_other(
    trash: Trash, caplog: pytest.LogCaptureFixture
) -> None:
    (trash.home / "runs" / run_id_of(0)).mkdir(parents=True)
    stuck = TrashService(trash.database, trash.collector, _StuckExecutor(trash.home))
    done = stuck.empty(trash.actor)
    assert (done.runs, done.remaining) == (ENDED - 1, 1)
    assert f"run {run_id_of(0)} stays in the trash: The folder" in caplog.text
    with pytest.raises(Unavailable, match="folder"):
        stuck.empty(trash.actor)
    with trash.database.read() as connection:
        assert runs.get(connection, run_id_of(0)).metrics


class _SickCollector(Collector):
    """A collector whose disk lets no file go."""

    def remove(self, digests: Collection[str], named: Named) -> int:
        raise Unavailable("The folder of stored files cannot be used.")


def test_files_that_cannot_go_yet_do_not_keep_the_run(trash: Trash) -> None:
    sick = TrashService(trash.database, _SickCollector(trash.home), trash.executor)
    done = sick.purge(trash.actor, run_id_of(0))
    assert (done.runs, done.bytes_freed) == (1, 0)
    assert sick.empty(trash.actor).remaining == 0
    assert trash.blobs() == set(trash.digests)
    assert trash.collect() == ENDED
    assert trash.blobs() == set(trash.digests[ENDED:])


def test_packages_that_no_run_has_any_more_go_too(trash: Trash) -> None:
    def lists() -> int:
        with trash.database.read() as connection:
            return connection.scalar(select(func.count()).select_from(package_lists)) or 0

    # Runs 0, 3 and 6 share one list, 1, 4 and 7 another, 2 and 5 the third.
    assert lists() == 3
    trash.service.empty(trash.actor)
    assert lists() == 3
    with trash.database.write() as connection:
        for number in (3, 6):
            runs.end(
                connection,
                run_id_of(number),
                status=runs.RunStatus.FINISHED,
                reason=None,
                message=None,
                ended_at=1,
            )
            runs.trash(connection, run_id_of(number), 1)
    trash.service.empty(trash.actor)
    assert lists() == 2


def test_a_run_of_very_many_points_goes_whole(trash: Trash) -> None:
    run_id = run_id_of(0)
    points = [Point(key="long", value=1.0, step=step, timestamp=1) for step in range(120_000)]
    with trash.database.write() as connection:
        metrics.append(connection, run_id, points)
    trash.service.purge(trash.actor, run_id)
    with trash.database.read() as connection:
        left = connection.scalar(select(func.count()).select_from(metric_points))
    assert left == (RUNS - 1) * 30


def test_a_purge_of_a_run_whose_processes_are_just_ending_asks_to_try_again(trash: Trash) -> None:
    directory = claimed(trash.home, run_id=run_id_of(0))
    with pytest.raises(Conflict, match="just ending"):
        trash.service.purge(trash.actor, run_id_of(0))
    assert directory.cancel.exists()
    directory.reaper.unlink()
    assert trash.service.purge(trash.actor, run_id_of(0)).runs == 1
    assert not directory.path.exists()


def test_a_run_whose_files_are_a_model_version_stays_until_the_version_goes(trash: Trash) -> None:
    kept = run_id_of(1)
    with trash.database.write() as connection:
        model = registered_models.create(connection, "wine", "", "olive", 1)
        row = model_versions.NewVersionRow(
            model=model,
            user="olive",
            created_at=1,
            source=f"runs:/{kept}/model",
            place=InRun(kept, "model"),
            run_id=kept,
            model_id=None,
            run_link="",
            description="",
        )
        number = model_versions.insert_next(connection, row, {})
        version = model_versions.find(connection, model, number)
    with pytest.raises(Conflict, match="model version"):
        trash.service.purge(trash.actor, kept)
    emptied = trash.service.empty(trash.actor)
    assert (emptied.runs, emptied.remaining) == (ENDED - 1, 1)
    with pytest.raises(Conflict, match="model version"):
        trash.service.empty(trash.actor)
    with trash.database.write() as connection:
        model_versions.trash(connection, version, 2)
    assert trash.service.empty(trash.actor).remaining == 0
