"""What went into runs and came out: data sets are kept once, and each run says its own of them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from jupyter_mlops.domain.datasets import (
    OF_RUN_MAX,
    Dataset,
    DatasetInput,
    DatasetKey,
    Lineage,
    ModelOutput,
)
from jupyter_mlops.domain.errors import TooLarge
from jupyter_mlops.store import client_runs, lineage
from jupyter_mlops.store import datasets as dataset_rows
from jupyter_mlops.store.database import Connection, Database
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import datasets
from tests.integration.store.conftest import NewRun

TRAIN = Dataset(DatasetKey("train", "1f"), "local", '{"uri": "/a.csv"}', "{}", '{"rows": 3}')
TEST = Dataset(DatasetKey("test", "2f"), "code", "{}")


def lineage_of(connection: Connection, run_id: str) -> Lineage:
    return client_runs.get(connection, run_id).lineage


def count(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(datasets)) or 0


def test_a_run_knows_what_it_read_used_and_made(database: Database, new_run: NewRun) -> None:
    run_id, other = new_run(), new_run()
    inputs = [DatasetInput(TRAIN, {"mlflow.data.context": "train", "a": "b"}), DatasetInput(TEST)]
    with database.write() as connection:
        lineage.add_datasets(connection, run_id, inputs)
        lineage.add_input_models(connection, run_id, ["m-b", "m-a"])
        lineage.add_output_models(
            connection, run_id, [ModelOutput("m-z", 3), ModelOutput("m-y", 1)]
        )
    with database.read() as connection:
        assert lineage_of(connection, run_id) == Lineage(
            datasets=tuple(inputs),
            input_models=("m-b", "m-a"),
            outputs=(ModelOutput("m-z", 3), ModelOutput("m-y", 1)),
        )
        assert lineage_of(connection, other) == Lineage()


def test_what_was_said_first_of_a_data_set_stands(database: Database, new_run: NewRun) -> None:
    run_id = new_run()
    other = Dataset(TRAIN.key, "s3", "other")
    with database.write() as connection:
        lineage.add_datasets(
            connection, run_id, [DatasetInput(TRAIN, {"k": "1"}), DatasetInput(other, {"k": "2"})]
        )
        lineage.add_datasets(connection, run_id, [DatasetInput(other, {"k": "3", "l": "4"})])
        assert lineage_of(connection, run_id).datasets == (DatasetInput(TRAIN, {"k": "1"}),)


def test_runs_of_one_experiment_share_a_data_set_and_say_their_own_of_it(
    database: Database, new_run: NewRun
) -> None:
    first, second, elsewhere = new_run(), new_run(), new_run(experiment="other")
    with database.write() as connection:
        for run_id, context in ((first, "a"), (second, "b"), (elsewhere, "c")):
            lineage.add_datasets(connection, run_id, [DatasetInput(TRAIN, {"context": context})])
        assert count(connection) == 2
        for run_id, context in ((first, "a"), (second, "b"), (elsewhere, "c")):
            (item,) = lineage_of(connection, run_id).datasets
            assert item == DatasetInput(TRAIN, {"context": context})


def test_a_data_set_that_was_only_named_gets_its_description_later(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    with database.write() as connection:
        experiment = client_runs.get(connection, run_id).experiment_id
        numbers = dataset_rows.named(connection, experiment, [TRAIN.key])
        assert dataset_rows.named(connection, experiment, [TRAIN.key]) == numbers
        lineage.add_datasets(connection, run_id, [DatasetInput(TRAIN)])
        assert lineage_of(connection, run_id).datasets == (DatasetInput(TRAIN),)
        assert count(connection) == 1


def test_the_step_of_an_output_that_was_told_last_stands(
    database: Database, new_run: NewRun
) -> None:
    run_id = new_run()
    with database.write() as connection:
        lineage.add_output_models(
            connection, run_id, [ModelOutput("m-a", 1), ModelOutput("m-b", 2)]
        )
        lineage.add_output_models(connection, run_id, [ModelOutput("m-a", 5)])
        assert lineage_of(connection, run_id).outputs == (
            ModelOutput("m-a", 5),
            ModelOutput("m-b", 2),
        )


def test_a_run_has_so_many_data_sets_and_no_more(database: Database, new_run: NewRun) -> None:
    run_id = new_run()

    def some(start: int, stop: int) -> list[DatasetInput]:
        keys = [DatasetKey(f"d{number}", "1") for number in range(start, stop)]
        return [DatasetInput(Dataset(key, "code", "")) for key in keys]

    with database.write() as connection:
        lineage.add_datasets(connection, run_id, some(0, OF_RUN_MAX))
        with pytest.raises(TooLarge):
            lineage.add_datasets(connection, run_id, some(OF_RUN_MAX, OF_RUN_MAX + 1))
        with pytest.raises(TooLarge):
            lineage.add_input_models(connection, run_id, map(str, range(OF_RUN_MAX + 1)))


def test_the_lineage_of_many_runs_is_read_at_once(database: Database, new_run: NewRun) -> None:
    ids = [new_run() for _ in range(3)]
    with database.write() as connection:
        for run_id in ids[:2]:
            lineage.add_datasets(connection, run_id, [DatasetInput(TRAIN)])
        seqs = [seq_of(connection, run_id) for run_id in ids]
        found = lineage.of_runs(connection, seqs)
    assert list(found) == seqs[:2]
