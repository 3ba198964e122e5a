"""Experiments: list and create."""

from __future__ import annotations

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.experiments import (
    DESCRIPTION_MAX_CHARS,
    Experiment,
    ExperimentList,
    NewExperiment,
)
from jupyter_mlops.services import request_keys
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, experiments
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

    def create(self, actor: Actor, new: NewExperiment, idempotency_key: str | None) -> Experiment:
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
            events.append(connection, EventType.EXPERIMENT_CREATED, str(experiment_id), actor.user)
            made = experiments.get(connection, experiment_id)
            if idempotency_key is not None:
                request_keys.keep_experiment(
                    connection, actor.user, idempotency_key, new, made, now
                )
            return made
