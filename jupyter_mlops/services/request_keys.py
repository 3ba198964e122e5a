"""Request keys: a repeated request gets the same answer, another of the same key is refused."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection

import msgspec
from sqlalchemy import Connection

from jupyter_mlops.domain.errors import Conflict, NotFound
from jupyter_mlops.domain.experiments import Experiment, NewExperiment
from jupyter_mlops.domain.runs import NewRun, Rerun, Run
from jupyter_mlops.store import experiments, request_keys, runs


class KeptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept under a key; ``digest`` is that of the request without its secrets.

    A run that was deleted for good leaves None: repeating the request must not make it anew.
    """

    digest: str
    secrets: list[str]
    run: Run | None
    experiment: Experiment | None = None


class _NamedRun(msgspec.Struct, frozen=True):
    run_id: str


class _NamedExperiment(msgspec.Struct, frozen=True):
    experiment_id: int


class _NamedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What can be read of an answer that any version kept: what the request made."""

    digest: str
    secrets: list[str]
    run: _NamedRun | None
    experiment: _NamedExperiment | None = None


_CREATE_EXPERIMENT = "create experiment"


def find_experiment(
    connection: Connection, user: str, key: str, asked: NewExperiment
) -> Experiment | None:
    """Return the experiment that this request made before; Conflict when the key stood for another."""
    kept = _kept(connection, user, key)
    if kept is None:
        return None
    if kept.experiment is None or kept.digest != _digest_of(_CREATE_EXPERIMENT, asked):
        raise Conflict(_ANOTHER_REQUEST)
    try:
        experiments.is_deleted(connection, kept.experiment.experiment_id)
    except NotFound:
        raise Conflict("The experiment that this request made was deleted permanently.") from None
    return kept.experiment


def keep_experiment(
    connection: Connection,
    user: str,
    key: str,
    asked: NewExperiment,
    experiment: Experiment,
    now: int,
) -> None:
    """Keep the answer in the transaction that makes the experiment."""
    digest = _digest_of(_CREATE_EXPERIMENT, asked)
    kept = KeptAnswer(digest=digest, secrets=[], run=None, experiment=experiment)
    request_keys.put(connection, user, key, msgspec.json.encode(kept), now)


def find(connection: Connection, user: str, key: str, of: str, asked: NewRun | Rerun) -> Run | None:
    """Return the run that this request got before; Conflict when the key stood for another.

    Conflict, too, when that run was deleted for good.

    ``of`` names the operation and its subject.
    """
    kept = _kept(connection, user, key)
    if kept is None:
        return None
    if kept.digest != _digest(of, asked, kept.secrets):
        raise Conflict(_ANOTHER_REQUEST)
    if kept.run is None:
        raise Conflict("The run that this request made was deleted permanently.")
    return kept.run


def keep(
    connection: Connection,
    user: str,
    key: str,
    of: str,
    asked: NewRun | Rerun,
    secrets: Collection[str],
    run: Run,
    now: int,
) -> None:
    """Keep the answer in the transaction that makes it true."""
    names = sorted(secrets)
    kept = KeptAnswer(digest=_digest(of, asked, names), secrets=names, run=run)
    request_keys.put(connection, user, key, msgspec.json.encode(kept), now)


def forget_run(connection: Connection, user: str, run_id: str, made_at: int) -> None:
    """Keep nothing of a run that ``user`` asked for at ``made_at`` but that it was asked for."""
    for key, data in request_keys.made_at(connection, user, made_at):
        try:
            kept = msgspec.json.decode(data, type=_NamedAnswer)
        except msgspec.DecodeError:
            # Kept by another version, and gone within days.
            continue
        if kept.run is not None and kept.run.run_id == run_id:
            without = KeptAnswer(digest=kept.digest, secrets=kept.secrets, run=None)
            request_keys.replace(connection, user, key, msgspec.json.encode(without))


_ANOTHER_REQUEST = "This Idempotency-Key was used for another request; take a new one."
# Who takes a new key at once may ask for the same thing twice.
_UNREADABLE = (
    "This Idempotency-Key was used, and what it got cannot be read: "
    "look whether the request was carried out before you take a new one."
)


def _kept(connection: Connection, user: str, key: str) -> KeptAnswer | None:
    data = request_keys.find(connection, user, key)
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=KeptAnswer)
    except msgspec.DecodeError:
        # Kept by a version whose answers looked otherwise.
        return _read_anew(connection, data)


def _read_anew(connection: Connection, data: bytes) -> KeptAnswer:
    try:
        named = msgspec.json.decode(data, type=_NamedAnswer)
    except msgspec.DecodeError as error:
        raise Conflict(_UNREADABLE) from error
    run = experiment = None
    if named.run is not None:
        # One that was deleted for good is not made anew.
        with contextlib.suppress(NotFound):
            run = runs.get(connection, named.run.run_id)
    if named.experiment is not None:
        try:
            experiment = experiments.get(connection, named.experiment.experiment_id)
        except NotFound as error:
            raise Conflict(_UNREADABLE) from error
    return KeptAnswer(digest=named.digest, secrets=named.secrets, run=run, experiment=experiment)


def _digest(of: str, asked: NewRun | Rerun, secrets: Collection[str]) -> str:
    # Not even the digest of a secret is stored: a weak one could be guessed from it.
    shown = {k: v for k, v in asked.parameters.items() if k not in secrets}
    return _digest_of(of, msgspec.structs.replace(asked, parameters=shown))


# These are in the digests that are kept already, used or not; one that came later is not, unless used.
_FIRST_FIELDS: dict[type[msgspec.Struct], frozenset[str]] = {
    NewRun: frozenset(
        {
            "notebook",
            "parameters",
            "experiment",
            "name",
            "kernel_name",
            "time_limit",
            "save_to",
            "save_to_folder",
            "tags",
        }
    ),
    Rerun: frozenset({"parameters", "name"}),
    NewExperiment: frozenset({"name", "description"}),
}


def _digest_of(of: str, asked: NewRun | Rerun | NewExperiment) -> str:
    first = _FIRST_FIELDS[type(asked)]
    told = {k: v for k, v in msgspec.structs.asdict(asked).items() if k in first or v is not None}
    return hashlib.sha256(msgspec.json.encode([of, told], order="sorted")).hexdigest()
