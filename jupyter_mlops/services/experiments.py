"""Experiments: list and create."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.experiment_search import ExperimentSearch
from jupyter_mlops.domain.experiments import (
    DESCRIPTION_MAX_CHARS,
    Experiment,
    ExperimentList,
    NewExperiment,
)
from jupyter_mlops.services import request_keys
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, experiment_search, experiments, runs
from jupyter_mlops.store.database import Database


class ExperimentService:
    """What can be done with experiments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, actor: Actor, *, name: str | None, limit: int) -> ExperimentList:
        """Return up to ``limit`` experiments, the most recently used first, or the one of a name."""
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            if name is None:
                return ExperimentList(
                    experiments=experiments.latest(connection, limit),
                    total=experiments.count(connection),
                )
            found = experiments.by_name(connection, name)
        return ExperimentList(
            experiments=[] if found is None else [found], total=0 if found is None else 1
        )

    def create(
        self,
        actor: Actor,
        new: NewExperiment,
        idempotency_key: str | None,
        tags: Mapping[str, str] = MappingProxyType({}),
    ) -> Experiment:
        """Create an experiment; Conflict when the name is taken, whatever its case.

        The same idempotency key answers with the same experiment.
        """
        require(actor, "write", "mlops:experiments")
        name = names.label(new.name)
        if len(new.description) > DESCRIPTION_MAX_CHARS:
            raise InvalidRequest(
                f"A description has at most {DESCRIPTION_MAX_CHARS} characters.",
                field="description",
            )
        with self._database.write() as connection:
            if idempotency_key is not None:
                earlier = request_keys.find_experiment(connection, actor.user, idempotency_key, new)
                if earlier is not None:
                    return earlier
            now = now_ms()
            experiment_id = experiments.create(connection, name, new.description, now)
            for key, value in tags.items():
                experiments.set_tag(connection, experiment_id, names.key(key), value, now)
            events.append(connection, EventType.EXPERIMENT_CREATED, str(experiment_id), actor.user)
            made = experiments.get(connection, experiment_id)
            if idempotency_key is not None:
                request_keys.keep_experiment(
                    connection, actor.user, idempotency_key, new, made, now
                )
            return made

    def get(self, actor: Actor, experiment_id: int) -> Experiment:
        """Return one experiment, in the trash or not."""
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            return experiments.get(connection, experiment_id)

    def search(self, actor: Actor, search: ExperimentSearch) -> tuple[Sequence[Experiment], bool]:
        """Return one page of the experiments that match, and whether there are more."""
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            ids = experiment_search.ids(connection, search)
            return experiments.load(connection, ids[: search.limit]), len(ids) > search.limit

    def by_name(self, actor: Actor, name: str) -> Experiment:
        """Return the experiment of a name, whatever its case; one in the trash if there is no other."""
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            found = experiments.by_name(connection, name) or experiments.in_trash_by_name(
                connection, name
            )
        if found is None:
            raise NotFound("There is no experiment of this name.")
        return found

    def rename(self, actor: Actor, experiment_id: int, name: str) -> None:
        """Give an experiment another name; Conflict when it is taken or the experiment is deleted."""
        require(actor, "write", "mlops:experiments")
        label = names.label(name)
        with self._database.write() as connection:
            _check_living(connection, experiment_id)
            experiments.rename(connection, experiment_id, label, now_ms())
            self._tell(connection, EventType.EXPERIMENT_CHANGED, experiment_id, actor)

    def trash(self, actor: Actor, experiment_id: int) -> None:
        """Move an experiment and its runs to the trash; its name is free then."""
        require(actor, "write", "mlops:experiments")
        with self._database.write(clean_up=True) as connection:
            _check_living(connection, experiment_id)
            if runs.any_executed(connection, experiment_id):
                raise Conflict("Runs of this experiment are under way; cancel them first.")
            experiments.trash(connection, experiment_id, now_ms())
            self._tell(connection, EventType.EXPERIMENT_DELETED, experiment_id, actor)

    def restore(self, actor: Actor, experiment_id: int) -> None:
        """Take an experiment out of the trash, and the runs that went there with it."""
        require(actor, "write", "mlops:experiments")
        with self._database.write() as connection:
            if not experiments.is_deleted(connection, experiment_id):
                raise Conflict("This experiment is not in the trash.")
            experiments.restore(connection, experiment_id, now_ms())
            self._tell(connection, EventType.EXPERIMENT_RESTORED, experiment_id, actor)

    def describe(self, actor: Actor, experiment_id: int, description: str) -> None:
        """Set the description of an experiment."""
        require(actor, "write", "mlops:experiments")
        with self._database.write() as connection:
            _check_living(connection, experiment_id)
            experiments.describe(connection, experiment_id, description, now_ms())
            self._tell(connection, EventType.EXPERIMENT_CHANGED, experiment_id, actor)

    def set_tag(self, actor: Actor, experiment_id: int, key: str, value: str) -> None:
        """Set one tag; the last value stands."""
        require(actor, "write", "mlops:experiments")
        names.key(key)
        with self._database.write() as connection:
            _check_living(connection, experiment_id)
            experiments.set_tag(connection, experiment_id, key, value, now_ms())
            self._tell(connection, EventType.EXPERIMENT_CHANGED, experiment_id, actor)

    def remove_tag(self, actor: Actor, experiment_id: int, key: str) -> None:
        """Remove one tag; NotFound when the experiment does not carry it."""
        require(actor, "write", "mlops:experiments")
        with self._database.write() as connection:
            _check_living(connection, experiment_id)
            experiments.remove_tag(connection, experiment_id, key, now_ms())
            self._tell(connection, EventType.EXPERIMENT_CHANGED, experiment_id, actor)

    def _tell(
        self, connection: Connection, event: EventType, experiment_id: int, actor: Actor
    ) -> None:
        events.append(connection, event, str(experiment_id), actor.user)


def _check_living(connection: Connection, experiment_id: int) -> None:
    if experiments.is_deleted(connection, experiment_id):
        raise InvalidRequest(
            "The experiment must be in the 'active' state. Current state is deleted."
        )
