"""Experiments: list and create."""

from __future__ import annotations

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import InvalidRequest
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.experiments import Experiment, ExperimentList, NewExperiment
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.store import events, experiments
from jupyter_mlops.store.database import Database

DESCRIPTION_MAX_CHARS = 5_000


class ExperimentService:
    """What can be done with experiments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, actor: Actor) -> ExperimentList:
        """Return all experiments, the most recently used first."""
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            return ExperimentList(experiments=experiments.list_all(connection))

    def create(self, actor: Actor, new: NewExperiment) -> Experiment:
        """Create an experiment; Conflict when the name is taken, whatever its case."""
        require(actor, "write", "mlops:experiments")
        name = names.label(new.name)
        if len(new.description) > DESCRIPTION_MAX_CHARS:
            raise InvalidRequest(
                f"A description has at most {DESCRIPTION_MAX_CHARS} characters.",
                field="description",
            )
        with self._database.write() as connection:
            experiment_id = experiments.create(connection, name, new.description, now_ms())
            events.append(connection, EventType.EXPERIMENT_CREATED, str(experiment_id), actor.user)
            return experiments.get(connection, experiment_id)
