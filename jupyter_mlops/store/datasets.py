"""Queries of data sets: one row for each name and digest in an experiment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import Connection, and_, delete, exists, select, tuple_

from jupyter_mlops.domain.datasets import Dataset, DatasetKey
from jupyter_mlops.store import dialects
from jupyter_mlops.store.tables import dataset_inputs, datasets, logged_model_metrics

_IN_STATEMENT = 400


def ensure(
    connection: Connection, experiment: int, wanted: Iterable[Dataset]
) -> dict[DatasetKey, int]:
    """Return the numbers of data sets of an experiment, made where they are new.

    The description that came first stands, unless it was empty: then somebody had named it only.
    """
    rows = {
        each.key: {
            "experiment": experiment,
            "name": each.key.name,
            "digest": each.key.digest,
            "source_type": each.source_type,
            "source": each.source,
            "schema": each.schema,
            "profile": each.profile,
        }
        for each in reversed(list(wanted))
    }
    if not rows:
        return {}
    statement = dialects.insert(connection, datasets)
    described = ("source_type", "source", "schema", "profile")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["experiment", "name", "digest"],
            set_={column: statement.excluded[column] for column in described},
            where=and_(datasets.c.source_type == "", datasets.c.source == ""),
        ),
        list(reversed(rows.values())),
    )
    return _numbers(connection, experiment, list(rows))


def named(
    connection: Connection, experiment: int, keys: Collection[DatasetKey]
) -> dict[DatasetKey, int]:
    """Return the numbers of data sets that are known by name and digest alone."""
    known = _numbers(connection, experiment, list(keys))
    new = [Dataset(key, source_type="", source="") for key in keys if key not in known]
    return known | ensure(connection, experiment, new)


def load(connection: Connection, numbers: Collection[int]) -> dict[int, Dataset]:
    """Return the data sets with these numbers."""
    found: dict[int, Dataset] = {}
    for some in _chunks(list(numbers)):
        for row in connection.execute(select(datasets).where(datasets.c.id.in_(some))):
            found[row.id] = Dataset(
                DatasetKey(row.name, row.digest),
                row.source_type,
                row.source,
                row.schema,
                row.profile,
            )
    return found


def forget_unused(connection: Connection, numbers: Collection[int]) -> None:
    """Delete those of the data sets that no run read and no metric is about any more."""
    used = (
        exists().where(dataset_inputs.c.dataset == datasets.c.id),
        exists().where(logged_model_metrics.c.dataset == datasets.c.id),
    )
    for some in _chunks(list(numbers)):
        connection.execute(
            delete(datasets).where(datasets.c.id.in_(some), *(~each for each in used))
        )


def _numbers(
    connection: Connection, experiment: int, keys: Sequence[DatasetKey]
) -> dict[DatasetKey, int]:
    found: dict[DatasetKey, int] = {}
    for start in range(0, len(keys), _IN_STATEMENT):
        some = [(key.name, key.digest) for key in keys[start : start + _IN_STATEMENT]]
        rows = connection.execute(
            select(datasets.c.id, datasets.c.name, datasets.c.digest).where(
                datasets.c.experiment == experiment,
                tuple_(datasets.c.name, datasets.c.digest).in_(some),
            )
        )
        found |= {DatasetKey(row.name, row.digest): int(row.id) for row in rows}
    return found


def _chunks(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _IN_STATEMENT):
        yield numbers[start : start + _IN_STATEMENT]
