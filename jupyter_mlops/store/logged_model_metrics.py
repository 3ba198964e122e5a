"""Queries of the metrics of logged models: what runs found out about them, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, func, select, text

from jupyter_mlops.domain.datasets import DatasetKey
from jupyter_mlops.domain.logged_models import ModelMetric, ModelPoint
from jupyter_mlops.domain.metrics import Point
from jupyter_mlops.store import datasets as dataset_rows
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import datasets, logged_model_metrics, runs

_NAN = float("nan")


def append(
    connection: Connection,
    place: tuple[int, int],
    models: Mapping[str, int],
    points: Sequence[ModelPoint],
) -> None:
    """Keep what a run, given by its number and that of its experiment, found out about models.

    ``models`` are their numbers by id. A value that is sent again replaces itself.
    """
    run, experiment = place
    keys = {each.dataset for each in points if each.dataset is not None}
    numbers = dataset_rows.named(connection, experiment, keys) if keys else {}
    statement = dialects.insert(connection, logged_model_metrics)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[
                "model",
                "key",
                "timestamp",
                "step",
                "run",
                text("coalesce(dataset, 0)"),
            ],
            set_={"value": statement.excluded.value},
        ),
        [
            {
                "model": models[each.model_id],
                "key": each.point.key,
                "timestamp": each.point.timestamp,
                "step": each.point.step,
                "run": run,
                "dataset": None if each.dataset is None else numbers[each.dataset],
                "value": each.point.value,
            }
            for each in points
        ],
    )


def latest(
    connection: Connection, models: Sequence[int], of_each: int
) -> Iterator[tuple[int, ModelMetric]]:
    """Give up to ``of_each`` values of each model with its number, in order of arrival."""
    metrics = logged_model_metrics.c
    behind = func.row_number().over(partition_by=metrics.model, order_by=metrics.id.desc())
    ranked = select(metrics.id, behind.label("behind")).where(metrics.model.in_(models)).subquery()
    for row in connection.execute(
        select(logged_model_metrics, runs.c.run_id, datasets.c.name, datasets.c.digest)
        .join(ranked, ranked.c.id == metrics.id)
        .join(runs, runs.c.seq == metrics.run)
        .join(datasets, datasets.c.id == metrics.dataset, isouter=True)
        .where(ranked.c.behind <= of_each)
        .order_by(metrics.model, metrics.id)
    ):
        yield (
            row.model,
            ModelMetric(
                run_id=row.run_id,
                point=Point(
                    key=row.key,
                    value=_NAN if row.value is None else row.value,
                    step=row.step,
                    timestamp=row.timestamp,
                ),
                dataset=None if row.dataset is None else DatasetKey(row.name, row.digest),
            ),
        )
