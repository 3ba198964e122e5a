"""Queries of the parameters of a run; the first value of a key stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from jupyter_mlops.domain.runs import Parameter
from jupyter_mlops.store import dialects, run_texts
from jupyter_mlops.store.run_keys import seq_of
from jupyter_mlops.store.tables import experiments, parameters, runs


def insert(connection: Connection, run_id: str, given: Sequence[Parameter]) -> None:
    """Record parameters; a key that has a value keeps it."""
    if not given:
        return
    run = seq_of(connection, run_id)
    count = connection.scalar(
        select(func.count()).select_from(parameters).where(parameters.c.run == run)
    )
    rows = [
        {
            "run": run,
            "key": item.key,
            "position": (count or 0) + place,
            "value": item.value,
            "type": item.type,
            "secret": item.secret,
            "logged": item.logged,
        }
        for place, item in enumerate(given)
    ]
    connection.execute(dialects.insert(connection, parameters).on_conflict_do_nothing(), rows)
    run_texts.refresh(connection, run)


def for_run(connection: Connection, run_id: str) -> list[Parameter]:
    """Return the parameters of a run in the order in which they came."""
    return for_seq(connection, seq_of(connection, run_id))


def for_seq(connection: Connection, run: int) -> list[Parameter]:
    """Return the parameters of the run with this number, in the order in which they came."""
    rows = connection.execute(
        select(parameters).where(parameters.c.run == run).order_by(parameters.c.position)
    )
    return [
        Parameter(
            key=row.key,
            value=row.value,
            type=row.type,
            secret=row.secret,
            logged=bool(row.logged),
        )
        for row in rows
    ]


def last_used(
    connection: Connection, user: str, notebook: str
) -> tuple[dict[str, Any], str | None]:
    """Return what this user gave the notebook last, without secrets, and the experiment.

    Empty and None before the first run. Runs in the trash count: the values were used.
    """
    row = connection.execute(
        select(runs.c.seq, experiments.c.name)
        .join(experiments, experiments.c.id == runs.c.experiment_id)
        .where(runs.c.notebook == notebook, runs.c.user == user, runs.c.source_type == "notebook")
        .order_by(runs.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return {}, None
    values = connection.execute(
        select(parameters.c.key, parameters.c.value)
        .where(
            parameters.c.run == row.seq,
            parameters.c.secret == 0,
            parameters.c.logged == 0,
        )
        .order_by(parameters.c.position)
    )
    return {item.key: item.value for item in values}, row.name
