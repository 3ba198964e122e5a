"""Lineage: what went into runs and came out of them, as their clients tell."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.datasets import DatasetInput, ModelOutput
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.services.client_runs import living
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.runs import check_run_id
from jupyter_mlops.store import events, lineage, runs
from jupyter_mlops.store.database import Database


class LineageService:
    """What can be said of the data sets and models of a run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_inputs(
        self,
        actor: Actor,
        run_id: str,
        datasets: Sequence[DatasetInput],
        model_ids: Sequence[str],
    ) -> None:
        """Say that a run read data sets and used models; what was said before stands."""
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write() as connection:
            living(runs.find(connection, run_id))
            lineage.add_datasets(connection, run_id, datasets)
            lineage.add_input_models(connection, run_id, model_ids)
            if datasets or model_ids:
                events.append(connection, EventType.RUN_LOGGED, run_id, actor.user)

    def add_outputs(self, actor: Actor, run_id: str, outputs: Sequence[ModelOutput]) -> None:
        """Say that models came out of a run."""
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write() as connection:
            living(runs.find(connection, run_id))
            lineage.add_output_models(connection, run_id, outputs)
            if outputs:
                events.append(connection, EventType.RUN_LOGGED, run_id, actor.user)
