"""Runs of clients: opened, logged to and ended over HTTP, whatever process the client is."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.client_runs import (
    REPORTED,
    ClientRun,
    LoggedBatch,
    NewClientRun,
    Report,
)
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_search import RunSearch, RunSearchPage
from jupyter_mlops.domain.runs import ACTIVE, RunStatus
from jupyter_mlops.services import kernel_runs, logged_parameters
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.random_names import random_name
from jupyter_mlops.services.runs import check_note, check_run_id
from jupyter_mlops.store import (
    client_runs,
    events,
    experiments,
    logged_model_metrics,
    logged_models,
    metrics,
    run_limits,
    run_search,
    runs,
    tags,
)
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.run_keys import place_of


class ClientRunService:
    """What a client does with its runs. Runs that this server executes may be logged to as well."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, actor: Actor, new: NewClientRun) -> ClientRun:
        """Open a run, which is under way from then on.

        A kernel opens it where it works; the first one of a tracked run is that run itself.
        """
        require(actor, "write", "mlops:runs")
        run_id, now = names.new_run_id(), now_ms()
        started_at = now if new.started_at is None else new.started_at
        with self._database.write() as connection:
            place = None if actor.kernel is None else kernel_runs.place_of(connection, actor.kernel)
            if experiments.is_deleted(connection, new.experiment_id):
                raise Conflict("The experiment must be in the 'active' state; restore it first.")
            first = new.first
            if place is not None:
                tracked = kernel_runs.adopt(connection, place, new, now)
                if tracked is not None:
                    self._log(connection, tracked, place.of_tracked_run(first, actor.user))
                    return client_runs.get(connection, tracked)
                first = place.of_own_run(first)
            runs.insert(
                connection,
                runs.NewRunRow(
                    run_id=run_id,
                    experiment_id=new.experiment_id,
                    name=random_name() if first.name is None else names.label(first.name),
                    source_type="client",
                    notebook=None if place is None else place.notebook,
                    user=actor.user,
                    kernel_name=None,
                    time_limit=None,
                    save_to=None,
                    rerun_of=None,
                    source_digest=None,
                    created_at=now,
                    started_at=started_at,
                    status=RunStatus.RUNNING,
                    spec=None,
                    kernel_token=None if actor.kernel is None else actor.kernel.seq,
                ),
            )
            self._log(connection, run_id, replace(first, name=None))
            events.append(connection, EventType.RUN_CREATED, run_id, actor.user)
            events.append(connection, EventType.RUN_STARTED, run_id, actor.user)
            return client_runs.get(connection, run_id)

    def get(self, actor: Actor, run_id: str) -> ClientRun:
        """Return one run, in the trash or not; NotFound otherwise."""
        require(actor, "read", "mlops:runs")
        check_run_id(run_id)
        with self._database.read() as connection:
            return client_runs.get(connection, run_id)

    def search(self, actor: Actor, search: RunSearch) -> RunSearchPage:
        """Return one page of the runs that match."""
        require(actor, "read", "mlops:runs")
        with self._database.read() as connection:
            return run_search.page(connection, search)

    def report(self, actor: Actor, run_id: str, report: Report) -> ClientRun:
        """Take a client's word for how a run goes.

        Only of its own runs: how one that this server executes ends is for its reaper to say.
        What was logged to the run is left out of the answer.
        """
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write() as connection:
            state = living(runs.find(connection, run_id))
            if report.name is not None:
                runs.change(connection, run_id, name=names.label(report.name))
                events.append(connection, EventType.RUN_CHANGED, run_id, actor.user)
            if report.status is not None and not state.executed_here:
                runs.report(
                    connection,
                    run_id,
                    status=report.status,
                    reason=REPORTED[report.status],
                    ended_at=report.ended_at,
                )
                ended = report.status not in ACTIVE
                if not ended:
                    kernel_runs.reopen(connection, actor.kernel, run_id)
                event = EventType.RUN_ENDED if ended else EventType.RUN_STARTED
                events.append(connection, event, run_id, actor.user)
            return client_runs.info(connection, run_id)

    def log(self, actor: Actor, run_id: str, batch: LoggedBatch) -> None:
        """Store a batch whole, or nothing of it.

        Raises Conflict for a parameter that was logged with another value, and for a run in the
        trash; TooLarge for more names than a run may carry.
        """
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write() as connection:
            living(runs.find(connection, run_id))
            if self._log(connection, run_id, batch):
                events.append(connection, EventType.RUN_LOGGED, run_id, actor.user)

    def trash(self, actor: Actor, run_id: str) -> None:
        """Move a run to the trash; Conflict while this server executes it."""
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write(clean_up=True) as connection:
            state = living(runs.find(connection, run_id))
            if state.executed_here and state.status in ACTIVE:
                raise Conflict("Cancel this run before deleting it.")
            runs.trash(connection, run_id, now_ms())
            events.append(connection, EventType.RUN_DELETED, run_id, actor.user)

    def remove_tag(self, actor: Actor, run_id: str, key: str) -> None:
        """Remove one tag; NotFound when the run does not carry it."""
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        with self._database.write() as connection:
            living(runs.find(connection, run_id))
            tags.remove(connection, run_id, key)
            events.append(connection, EventType.RUN_CHANGED, run_id, actor.user)

    def _log(self, connection: Connection, run_id: str, batch: LoggedBatch) -> bool:
        self._check_room(connection, run_id, "parameters", set(batch.parameters))
        self._check_room(connection, run_id, "tags", set(batch.tags))
        logged_parameters.insert(connection, run_id, batch.parameters)
        metrics.append(connection, run_id, batch.points, once=True)
        self._log_of_models(connection, run_id, batch)
        tags.set_all(connection, run_id, batch.tags)
        if batch.name is not None or batch.note is not None:
            if batch.note is not None:
                check_note(batch.note)
            name = None if batch.name is None else names.label(batch.name)
            runs.change(connection, run_id, name=name, note=batch.note)
        return batch != LoggedBatch()

    def _log_of_models(self, connection: Connection, run_id: str, batch: LoggedBatch) -> None:
        if batch.model_points:
            models = logged_models.numbers(
                connection, {each.model_id for each in batch.model_points}
            )
            place = place_of(connection, run_id)
            logged_model_metrics.append(connection, place, models, batch.model_points)

    def _check_room(self, connection: Connection, run_id: str, kind: str, wanted: set[str]) -> None:
        if wanted and not run_limits.fitting(connection, run_id, kind, wanted) >= wanted:
            raise run_limits.too_many(kind)


def living(state: runs.RunState | None) -> runs.RunState:
    """Return the row of a run that may be logged to; NotFound or InvalidRequest in MLflow's words."""
    if state is None:
        raise NotFound("There is no such run.")
    if state.deleted_at is not None:
        raise InvalidRequest(
            f"The run {state.run_id} must be in the 'active' state. Current state is deleted."
        )
    return state
