"""How much of each kind one run may hold, so that reading the run stays small (security row S8)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Column, Connection, Table, bindparam, func, select

from jupyter_mlops.domain.errors import TooLarge
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import artifacts, metric_series, parameters, tags

MAXIMUM = {"metrics": 10_000, "files": 10_000, "parameters": 1_000, "tags": 1_000}
_NAMES: dict[str, tuple[Table, Column[str]]] = {
    "metrics": (metric_series, metric_series.c.key),
    "files": (artifacts, artifacts.c.path),
    "parameters": (parameters, parameters.c.key),
    "tags": (tags, tags.c.key),
}
_NAMES_IN_STATEMENT = 500
_HELD = {
    kind: Prepared(
        select(func.count()).select_from(table).where(table.c.run == bindparam("of_run"))
    )
    for kind, (table, _) in _NAMES.items()
}


def fitting(connection: Connection, run_id: str, kind: str, names: Collection[str]) -> set[str]:
    """Return those of ``names`` that the run holds already or has room for, the first first."""
    wanted = list(dict.fromkeys(names))
    table, column = _NAMES[kind]
    run = seq_of(connection, run_id)
    ((held,),) = _HELD[kind].rows(connection, {"of_run": run})
    if held + len(wanted) <= MAXIMUM[kind]:
        return set(wanted)
    known: set[str] = set()
    for some in _chunks(wanted):
        known.update(connection.scalars(select(column).where(table.c.run == run, column.in_(some))))
    new = [name for name in wanted if name not in known]
    return known.union(new[: max(0, MAXIMUM[kind] - held)])


def check_room(connection: Connection, run: int, kind: str, more: int = 1) -> None:
    """Raise TooLarge unless the run of a number may hold so many more."""
    ((held,),) = _HELD[kind].rows(connection, {"of_run": run})
    if held + more > MAXIMUM[kind]:
        raise too_many(kind)


def too_many(kind: str) -> TooLarge:
    """Return the refusal of what has no room."""
    return TooLarge(f"A run carries at most {MAXIMUM[kind]} {kind}.")


def _chunks(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _NAMES_IN_STATEMENT):
        yield names[start : start + _NAMES_IN_STATEMENT]
