"""Queries of the parameters of a run; the first value of a key stands, unless it is a default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, func, select

from jupyter_mlops.domain.parameter_texts import parameter_text
from jupyter_mlops.domain.runs import Parameter, ParameterOrigin
from jupyter_mlops.store import dialects, run_texts
from jupyter_mlops.store.among import Among
from jupyter_mlops.store.prepared import Prepared
from jupyter_mlops.store.run_keys import place_of, seq_of
from jupyter_mlops.store.tables import experiments, parameters, runs

# Made once: every run that is logged to goes through them.
_COUNT = Prepared(
    select(func.count()).select_from(parameters).where(parameters.c.run == bindparam("of_run"))
)
_KNOWN = Among(
    lambda keys: select(
        parameters.c.key, parameters.c.text, parameters.c.origin, parameters.c.secret
    ).where(parameters.c.run == bindparam("of_run"), parameters.c.key.in_(keys))
)


def insert(connection: Connection, run_id: str, given: Sequence[Parameter]) -> None:
    """Record parameters; a key that has a value keeps it.

    Only a default makes room for what the code logs, which is what the run had in the end.
    """
    if not given:
        return
    run, experiment = place_of(connection, run_id)
    ((count,),) = _COUNT.rows(connection, {"of_run": run})
    rows = [
        {
            "run": run,
            "experiment": experiment,
            "key": item.key,
            "position": count + place,
            "value": item.value,
            "text": parameter_text(item.value),
            "type": item.type,
            "secret": item.secret,
            "origin": item.origin,
        }
        for place, item in enumerate(given)
    ]
    _RECORD.change_all(connection, rows)
    run_texts.refresh(connection, run)


def _recording(dialect: str) -> Executable:
    statement = dialects.of_dialect(dialect, parameters)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["run", "key"],
        set_={name: getattr(new, name) for name in ("value", "text", "type", "origin")},
        where=(parameters.c.origin == "default") & (new.origin == "logged"),
    )


_RECORD = Prepared(_recording)


@dataclass(frozen=True)
class KnownText:
    """What is recorded of one parameter; that of a secret is hidden."""

    key: str
    text: str
    origin: ParameterOrigin
    secret: bool


def known(connection: Connection, run_id: str, keys: list[str]) -> list[KnownText]:
    """Return those of these parameters that a run has."""
    rows = _KNOWN.rows(connection, keys, {"of_run": seq_of(connection, run_id)})
    return [KnownText(key, text, origin, bool(secret)) for key, text, origin, secret in rows]


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
            origin=row.origin,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class LastUse:
    """How a notebook was run: the values given, without secrets, and the options."""

    values: dict[str, Any]
    experiment: str | None
    kernel_name: str | None
    time_limit: float | None
    source_digest: str | None


NEVER_USED = LastUse(
    values={}, experiment=None, kernel_name=None, time_limit=None, source_digest=None
)


def last_used(connection: Connection, user: str, notebook: str) -> LastUse:
    """Return how this user ran the notebook last, NEVER_USED before the first run.

    Runs in the trash count: the values were used.
    """
    row = connection.execute(
        select(
            runs.c.seq,
            runs.c.kernel_name,
            runs.c.time_limit,
            runs.c.source_digest,
            experiments.c.name,
        )
        .join(experiments, experiments.c.id == runs.c.experiment_id)
        .where(runs.c.notebook == notebook, runs.c.user == user, runs.c.source_type == "notebook")
        .order_by(runs.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return NEVER_USED
    values = connection.execute(
        select(parameters.c.key, parameters.c.value)
        .where(
            parameters.c.run == row.seq,
            parameters.c.secret == 0,
            parameters.c.origin == "given",
        )
        .order_by(parameters.c.position)
    )
    return LastUse(
        values={item.key: item.value for item in values},
        experiment=row.name,
        kernel_name=row.kernel_name,
        time_limit=row.time_limit,
        source_digest=row.source_digest,
    )
