"""Queries of lineage: the data sets and models that went into runs, the models that came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Table, func, select

from jupyter_mlops.domain.datasets import OF_RUN_MAX, DatasetInput, Lineage, ModelOutput
from jupyter_mlops.domain.errors import TooLarge
from jupyter_mlops.store import datasets as dataset_rows
from jupyter_mlops.store import dialects
from jupyter_mlops.store.run_keys import place_of, seq_of
from jupyter_mlops.store.tables import (
    dataset_input_tags,
    dataset_inputs,
    run_models,
)

_RUNS_IN_STATEMENT = 500


def add_datasets(connection: Connection, run_id: str, inputs: Sequence[DatasetInput]) -> None:
    """Say that a run read data sets; what was said of one before stands, its tags too."""
    if not inputs:
        return
    _check_number(len(inputs))
    run, experiment = place_of(connection, run_id)
    first = {item.dataset.key: item for item in reversed(inputs)}
    numbers = dataset_rows.ensure(connection, experiment, [item.dataset for item in inputs])
    known = set(
        connection.scalars(
            select(dataset_inputs.c.dataset).where(
                dataset_inputs.c.run == run, dataset_inputs.c.dataset.in_(numbers.values())
            )
        )
    )
    new = {numbers[key]: item.tags for key, item in first.items() if numbers[key] not in known}
    if not new:
        return
    _insert_new(connection, dataset_inputs, [{"run": run, "dataset": each} for each in sorted(new)])
    _check_room(connection, dataset_inputs, run)
    tags = [
        {"run": run, "dataset": number, "key": key, "value": value}
        for number, said in new.items()
        for key, value in said.items()
    ]
    _insert_new(connection, dataset_input_tags, tags)


def add_input_models(connection: Connection, run_id: str, model_ids: Iterable[str]) -> None:
    """Say that a run used models."""
    _add_models(connection, run_id, "input", dict.fromkeys(model_ids, 0))


def add_output_models(connection: Connection, run_id: str, outputs: Iterable[ModelOutput]) -> None:
    """Say that models came out of a run; the step that was told last stands."""
    _add_models(connection, run_id, "output", {each.model_id: each.step for each in outputs})


def of_runs(connection: Connection, seqs: Sequence[int]) -> dict[int, Lineage]:
    """Return the lineage of the runs with these numbers, as far as they have any."""
    found: dict[int, Lineage] = {}
    for start in range(0, len(seqs), _RUNS_IN_STATEMENT):
        some = seqs[start : start + _RUNS_IN_STATEMENT]
        inputs = _datasets_of(connection, some)
        models = _models_of(connection, some)
        for run in sorted(inputs.keys() | models.keys()):
            roles = models.get(run, [])
            found[run] = Lineage(
                datasets=tuple(inputs.get(run, ())),
                input_models=tuple(each.model_id for role, each in roles if role == "input"),
                outputs=tuple(each for role, each in roles if role == "output"),
            )
    return found


def _add_models(connection: Connection, run_id: str, role: str, steps: Mapping[str, int]) -> None:
    if not steps:
        return
    _check_number(len(steps))
    run = seq_of(connection, run_id)
    held = connection.scalar(
        select(func.count()).where(run_models.c.run == run, run_models.c.role == role)
    )
    statement = dialects.insert(connection, run_models)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["run", "role", "model_id"], set_={"step": statement.excluded.step}
        ),
        [
            {"run": run, "role": role, "model_id": each, "step": step, "position": place}
            for place, (each, step) in enumerate(steps.items(), start=held or 0)
        ],
    )
    _check_room(connection, run_models, run)


def _insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    if rows:
        connection.execute(dialects.insert(connection, table).on_conflict_do_nothing(), rows)


def _check_room(connection: Connection, table: Table, run: int) -> None:
    held = connection.scalar(select(func.count()).select_from(table).where(table.c.run == run))
    _check_number(held or 0)


def _check_number(number: int) -> None:
    if number > OF_RUN_MAX:
        raise TooLarge(f"A run has at most {OF_RUN_MAX} data sets, and as many models.")


def _datasets_of(connection: Connection, runs: Sequence[int]) -> dict[int, list[DatasetInput]]:
    read = connection.execute(
        select(dataset_inputs.c.run, dataset_inputs.c.dataset)
        .where(dataset_inputs.c.run.in_(runs))
        .order_by(dataset_inputs.c.run, dataset_inputs.c.dataset)
    ).all()
    if not read:
        return {}
    tags: dict[tuple[int, int], dict[str, str]] = {(run, number): {} for run, number in read}
    for run, number, key, value in connection.execute(
        select(
            dataset_input_tags.c.run,
            dataset_input_tags.c.dataset,
            dataset_input_tags.c.key,
            dataset_input_tags.c.value,
        )
        .where(dataset_input_tags.c.run.in_(runs))
        .order_by(dataset_input_tags.c.key)
    ):
        tags[run, number][key] = value
    # Their descriptions may be long, and many runs read the same: each is loaded once.
    known = dataset_rows.load(connection, {number for _, number in read})
    found: dict[int, list[DatasetInput]] = {}
    for run, number in read:
        found.setdefault(run, []).append(DatasetInput(known[number], tags[run, number]))
    return found


def _models_of(
    connection: Connection, runs: Sequence[int]
) -> dict[int, list[tuple[str, ModelOutput]]]:
    found: dict[int, list[tuple[str, ModelOutput]]] = {}
    for row in connection.execute(
        select(run_models)
        .where(run_models.c.run.in_(runs))
        .order_by(run_models.c.run, run_models.c.role, run_models.c.position)
    ):
        found.setdefault(row.run, []).append((row.role, ModelOutput(row.model_id, row.step)))
    return found
