"""A deleted experiment leaves the store with the last thing in it, with every row about it."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from jupyter_mlops.domain.datasets import Dataset, DatasetInput, DatasetKey
from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.experiments import NewExperiment
from jupyter_mlops.domain.trash import TrashContents
from jupyter_mlops.services.experiments import ExperimentService
from jupyter_mlops.services.trash import TrashService
from jupyter_mlops.store import events, experiments, lineage, runs
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.tables import experiments as experiments_table
from jupyter_mlops.store.tables import metadata
from tests.faults.store_workload import run_id_of
from tests.integration.trash.conftest import ENDED, Trash


@pytest.fixture
def service(trash: Trash) -> ExperimentService:
    return ExperimentService(trash.database)


def experiment_of(trash: Trash, number: int) -> int:
    with trash.database.read() as connection:
        state = runs.find(connection, run_id_of(number))
    assert state is not None
    return state.experiment_id


def rows_about(database: Database, experiment_id: int) -> dict[str, int]:
    """Return how many rows of each table point at an experiment."""
    counts = {}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.column.table is experiments_table:
                    query = select(func.count()).where(key.parent == experiment_id)
                    counts[table.name] = connection.scalar(query) or 0
    return counts


def test_an_experiment_goes_with_all_that_is_in_it(
    trash: Trash, service: ExperimentService
) -> None:
    # Run 1 alone is in this experiment, with a model and a data set.
    chosen = experiment_of(trash, 1)
    service.set_tag(trash.actor, chosen, "k", "v")
    service.trash(trash.actor, chosen)
    assert all(rows_about(trash.database, chosen).values())
    assert trash.service.contents(trash.actor) == TrashContents(
        runs=ENDED, experiments=1, logged_models=1
    )
    with trash.database.read() as connection:
        before = events.last_seq(connection)
    done = trash.service.empty(trash.actor)
    assert (done.runs, done.experiments, done.remaining) == (ENDED, 1, 0)
    assert set(rows_about(trash.database, chosen).values()) == {0}
    with pytest.raises(NotFound):
        service.get(trash.actor, chosen)
    with trash.database.read() as connection:
        told = events.after(connection, before, 100).events
    subjects = [each.subject for each in told if each.type is EventType.EXPERIMENT_PURGED]
    assert subjects == [str(chosen)]
    assert trash.service.contents(trash.actor) == TrashContents(
        runs=0, experiments=0, logged_models=0
    )


def test_an_experiment_stays_while_a_run_of_it_does(
    trash: Trash, service: ExperimentService
) -> None:
    chosen = experiment_of(trash, 1)
    service.trash(trash.actor, chosen)
    service.restore(trash.actor, chosen)
    service.trash(trash.actor, chosen)
    with trash.database.write() as connection:
        runs.restore(connection, run_id_of(1))
    assert trash.service.empty(trash.actor).experiments == 0
    service.restore(trash.actor, chosen)
    assert service.get(trash.actor, chosen).deleted_at is None


def test_an_experiment_that_is_not_deleted_stays_though_it_is_empty(
    trash: Trash, service: ExperimentService
) -> None:
    made = service.create(trash.actor, NewExperiment(name="empty"), None)
    assert trash.service.empty(trash.actor).experiments == 0
    assert service.get(trash.actor, made.experiment_id) == made


def test_the_experiment_of_clients_that_name_none_can_always_be_restored(
    trash: Trash, service: ExperimentService
) -> None:
    service.trash(trash.actor, 0)
    assert trash.service.contents(trash.actor).experiments == 0
    assert trash.service.empty(trash.actor).experiments == 0
    service.restore(trash.actor, 0)


def test_a_name_is_free_in_the_trash_and_afterwards(
    trash: Trash, service: ExperimentService
) -> None:
    numbers = set()
    for _ in range(3):
        made = service.create(trash.actor, NewExperiment(name="Wine"), None)
        numbers.add(made.experiment_id)
        service.trash(trash.actor, made.experiment_id)
    assert trash.service.empty(trash.actor).experiments == 3
    with pytest.raises(NotFound):
        service.by_name(trash.actor, "wine")
    # A number never comes to mean another experiment.
    made = service.create(trash.actor, NewExperiment(name="wine"), None)
    assert made.experiment_id not in numbers


def test_a_repeated_request_does_not_bring_back_what_was_deleted_for_good(
    trash: Trash, service: ExperimentService
) -> None:
    asked = NewExperiment(name="Wine")
    made = service.create(trash.actor, asked, "key")
    service.trash(trash.actor, made.experiment_id)
    assert service.create(trash.actor, asked, "key").experiment_id == made.experiment_id
    trash.service.empty(trash.actor)
    with pytest.raises(Conflict, match="deleted permanently"):
        service.create(trash.actor, asked, "key")


def test_only_experiments_that_are_deleted_for_long_enough_expire(
    trash: Trash, service: ExperimentService
) -> None:
    made = [
        service.create(trash.actor, NewExperiment(name=name), None).experiment_id
        for name in ("old", "new")
    ]
    with trash.database.write() as connection:
        for number, at in zip(made, (50, 60), strict=True):
            experiments.trash(connection, number, at)
    assert trash.service.expire(55).experiments == 1
    with pytest.raises(NotFound):
        service.get(trash.actor, made[0])
    assert service.get(trash.actor, made[1]).deleted_at == 60


def test_an_experiment_whose_data_set_a_run_of_another_one_reads_stays_with_it(
    trash: Trash, service: ExperimentService
) -> None:
    left, other = (
        service.create(trash.actor, NewExperiment(name=name), None).experiment_id
        for name in ("left", "other")
    )
    dataset = Dataset(DatasetKey("moved", "1f"), "local", "{}")
    moved = run_id_of(5)
    with trash.database.write() as connection:
        runs.change(connection, moved, experiment_id=left)
        lineage.add_datasets(connection, moved, [DatasetInput(dataset, {})])
        runs.change(connection, moved, experiment_id=other)
        experiments.trash(connection, left, 1)
    assert trash.service.empty(trash.actor).experiments == 0
    with trash.database.write() as connection:
        runs.end(
            connection,
            moved,
            status=runs.RunStatus.FINISHED,
            reason=None,
            message=None,
            ended_at=1,
        )
        runs.trash(connection, moved, 1)
    assert trash.service.empty(trash.actor).experiments == 1


class _SlowDatabaseTrash(TrashService):
    """A trash whose time is over before the experiments come."""

    def _purge_models(
        self, user: str, deleted_by: int | None, until: float
    ) -> tuple[int, set[str]]:
        return super()._purge_models(user, deleted_by, until - 1_000)

    def _purge_experiments(self, user: str, deleted_by: int | None, until: float) -> int:
        return super()._purge_experiments(user, deleted_by, until - 1_000)


def test_what_there_was_no_time_for_goes_with_the_next_request(
    trash: Trash, service: ExperimentService
) -> None:
    made = service.create(trash.actor, NewExperiment(name="late"), None).experiment_id
    service.trash(trash.actor, made)
    slow = _SlowDatabaseTrash(trash.database, trash.collector, trash.executor)
    assert slow.empty(trash.actor).experiments == 0
    assert slow.contents(trash.actor).experiments == 1
    assert trash.service.empty(trash.actor).experiments == 1
