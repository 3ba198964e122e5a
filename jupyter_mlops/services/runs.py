"""Runs: submit, repeat, cancel, change, trash; each in one transaction with its event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain import names
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, InvalidRequest, NotFound, TooLarge
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.notebooks import NotebookInspection
from jupyter_mlops.domain.run_query import RunQuery
from jupyter_mlops.domain.runs import (
    ACTIVE,
    NOTE_MAX_CHARS,
    NewRun,
    Reason,
    Rerun,
    Run,
    RunChange,
    RunPage,
    RunStatus,
    TagChange,
)
from jupyter_mlops.services import request_keys
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.kernels import KernelService
from jupyter_mlops.services.notebooks import NotebookService, NotebookSource, form_of
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.preferences import as_preferred
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import (
    ExecutionPolicy,
    check_tag_key,
    check_tag_value,
    given_again,
    prepare,
    spec_bytes,
)
from jupyter_mlops.store import events, experiments, parameters, run_limits, runs, tags
from jupyter_mlops.store.database import Database
from jupyter_mlops.store.parameters import LastUse


@dataclass(frozen=True)
class _Request:
    """What a client asked for under which key; ``of`` names the operation and its subject."""

    of: str
    asked: NewRun | Rerun
    key: str | None


class RunService:
    """What can be done with runs. ``wake`` is called after a change the dispatcher should see.

    ``stop`` is called with the id of a run whose processes, there or to come, must end.
    """

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        notebooks: NotebookService,
        kernels: KernelService,
        secrets: SecretKeeper,
        policy: ExecutionPolicy,
        wake: Callable[[], None],
        stop: Callable[[str], object],
    ) -> None:
        self._database = database
        self._content = content
        self._notebooks = notebooks
        self._kernels = kernels
        self._secrets = secrets
        self._policy = policy
        self._wake = wake
        self._stop = stop

    def submit(self, actor: Actor, new: NewRun, idempotency_key: str | None) -> Run:
        """Queue a run of a notebook; the same idempotency key answers with the same run."""
        require(actor, "execute", "mlops:runs")
        request = _Request("submit", new, idempotency_key)
        earlier = self._earlier_answer(actor, request)
        if earlier is not None:
            return earlier
        source = self._notebooks.read_source(new.notebook)
        new = as_preferred(self._database, actor.user, new)
        with self._content.naming():
            return self._queue(actor, new, source, request, rerun_of=None)

    def rerun(self, actor: Actor, run_id: str, again: Rerun, idempotency_key: str | None) -> Run:
        """Queue the recorded source of a run again, with some parameters replaced."""
        require(actor, "execute", "mlops:runs")
        require(actor, "read", "mlops:runs")
        request = _Request(f"rerun {run_id}", again, idempotency_key)
        earlier = self._earlier_answer(actor, request)
        if earlier is not None:
            return earlier
        before = self.get(actor, run_id)
        source = self._recorded_source(before)
        new = NewRun(
            notebook=source.path,
            parameters=given_again(before.parameters, again.parameters),
            experiment=before.experiment,
            name=again.name or before.name,
            kernel_name=before.kernel_name,
            time_limit=before.time_limit,
            autolog=before.autolog,
        )
        with self._content.naming():
            return self._queue(actor, new, source, request, rerun_of=run_id)

    def inspect_source(self, actor: Actor, run_id: str) -> NotebookInspection:
        """Return the form of the recorded source of a run, filled with what the run was given."""
        require(actor, "read", "mlops:runs")
        run = self.get(actor, run_id)
        source = self._recorded_source(run)
        return form_of(
            source,
            LastUse(
                values={
                    item.key: item.value
                    for item in run.parameters
                    if item.origin == "given" and not item.secret
                },
                experiment=run.experiment,
                kernel_name=run.kernel_name,
                time_limit=run.time_limit,
                source_digest=run.source_digest,
            ),
            source.kernel_name,
        )

    def _recorded_source(self, run: Run) -> NotebookSource:
        if run.notebook is None or run.source_digest is None:
            raise Conflict("Only a run of a notebook can be repeated.")
        return self._notebooks.recorded_source(run.notebook, run.source_digest)

    def _earlier_answer(self, actor: Actor, request: _Request) -> Run | None:
        key = request.key
        if key is None:
            return None
        with self._database.read() as connection:
            return request_keys.find(connection, actor.user, key, request.of, request.asked)

    def _queue(
        self,
        actor: Actor,
        new: NewRun,
        source: NotebookSource,
        request: _Request,
        rerun_of: str | None,
    ) -> Run:
        now, run_id = now_ms(), names.new_run_id()
        ready = prepare(
            new, source, self._kernels, self._policy, run_id=run_id, actor=actor, now=now
        )
        digest, _ = self._content.put_bytes(source.data)
        # Before the commit: from the commit on, a dispatcher may ask for the secrets.
        if ready.secrets:
            self._secrets.keep(run_id, ready.secrets)
        try:
            with self._database.write() as connection:
                if request.key is not None:
                    earlier = request_keys.find(
                        connection, actor.user, request.key, request.of, request.asked
                    )
                    if earlier is not None:
                        self._secrets.forget(run_id)
                        return earlier
                experiment_id = self._experiment(connection, actor, ready.experiment, now)
                runs.insert(
                    connection,
                    runs.NewRunRow(
                        run_id=run_id,
                        experiment_id=experiment_id,
                        name=ready.name,
                        source_type="notebook",
                        notebook=source.path,
                        user=actor.user,
                        kernel_name=ready.spec.kernel_name,
                        time_limit=ready.spec.time_limit,
                        save_to=ready.save_to,
                        rerun_of=rerun_of,
                        source_digest=digest,
                        created_at=now,
                        status=RunStatus.SCHEDULED,
                        spec=spec_bytes(ready.spec),
                        autolog=ready.spec.autolog,
                    ),
                )
                parameters.insert(connection, run_id, ready.parameters)
                for tag_key, value in ready.tags.items():
                    tags.set(connection, run_id, tag_key, value)
                events.append(connection, EventType.RUN_CREATED, run_id, actor.user)
                run = runs.get(connection, run_id)
                if request.key is not None:
                    request_keys.keep(
                        connection,
                        actor.user,
                        request.key,
                        request.of,
                        request.asked,
                        ready.secrets,
                        run,
                        now,
                    )
        except BaseException:
            self._secrets.forget(run_id)
            raise
        self._wake()
        return run

    def _experiment(self, connection: Connection, actor: Actor, name: str, now: int) -> int:
        experiment_id, created = experiments.ensure(connection, name, now)
        if created:
            events.append(connection, EventType.EXPERIMENT_CREATED, str(experiment_id), actor.user)
        return experiment_id

    def get(self, actor: Actor, run_id: str) -> Run:
        """Return one run, in the trash or not; NotFound otherwise."""
        require(actor, "read", "mlops:runs")
        check_run_id(run_id)
        with self._database.read() as connection:
            return runs.get(connection, run_id)

    def page(self, actor: Actor, query: RunQuery) -> RunPage:
        """Return one page of the runs that match, newest first."""
        require(actor, "read", "mlops:runs")
        with self._database.read() as connection:
            return runs.page(connection, query)

    def change(
        self, actor: Actor, run_id: str, change: RunChange, expected_version: int | None
    ) -> Run:
        """Rename a run, edit its note, move it; Stale when it changed since ``expected_version``."""
        require(actor, "write", "mlops:runs")
        if change == RunChange():
            raise InvalidRequest("Name what is to change: `name`, `note` or `experiment`.")
        name = change.name if change.name is msgspec.UNSET else names.label(change.name)
        if change.note is not msgspec.UNSET:
            check_note(change.note)
        experiment = change.experiment
        if experiment is not msgspec.UNSET:
            experiment = names.label(experiment, field="experiment")

        def apply(connection: Connection) -> None:
            runs.change(
                connection,
                run_id,
                name=None if name is msgspec.UNSET else name,
                note=None if change.note is msgspec.UNSET else change.note,
                experiment_id=None
                if experiment is msgspec.UNSET
                else self._experiment(connection, actor, experiment, now_ms()),
                expected_version=expected_version,
            )

        return self._changed(actor, run_id, EventType.RUN_CHANGED, apply)

    def set_tag(self, actor: Actor, run_id: str, change: TagChange) -> Run:
        """Set one tag; the last value stands."""
        require(actor, "write", "mlops:runs")
        key, value = check_tag_key(change.key), check_tag_value(change.value)

        def apply(connection: Connection) -> None:
            if not run_limits.fitting(connection, run_id, "tags", [key]):
                most = run_limits.MAXIMUM["tags"]
                raise TooLarge(f"A run carries at most {most} tags; remove one first.", field="key")
            tags.set(connection, run_id, key, value)

        return self._changed(actor, run_id, EventType.RUN_CHANGED, apply)

    def remove_tag(self, actor: Actor, run_id: str, key: str) -> Run:
        """Remove one tag; NotFound when the run does not carry it."""
        require(actor, "write", "mlops:runs")
        check_tag_key(key)
        return self._changed(
            actor,
            run_id,
            EventType.RUN_CHANGED,
            lambda connection: tags.remove(connection, run_id, key),
        )

    def cancel(self, actor: Actor, run_id: str) -> Run:
        """Ask for a run to stop: a queued one ends at once, a running one within seconds."""
        require(actor, "execute", "mlops:runs")
        check_run_id(run_id)
        now = now_ms()
        with self._database.write(clean_up=True) as connection:
            state = _found(runs.find(connection, run_id))
            if state.status not in ACTIVE:
                raise Conflict("This run has ended already.")
            if state.source_type != "notebook":
                raise Conflict(
                    "This run was started from code; interrupt its kernel or script instead."
                )
            if state.status is RunStatus.SCHEDULED:
                message = "Cancelled before it started."
                runs.end(
                    connection,
                    run_id,
                    status=RunStatus.KILLED,
                    reason=Reason.CANCELLED,
                    message=message,
                    ended_at=now,
                )
                events.append(connection, EventType.RUN_ENDED, run_id, actor.user)
            elif not state.cancel_requested:
                runs.request_cancel(connection, run_id)
                events.append(connection, EventType.RUN_CANCEL_REQUESTED, run_id, actor.user)
            run = runs.get(connection, run_id)
        if run.status is RunStatus.KILLED:
            self._secrets.forget(run_id)
        # Before the answer: a queued run may be about to start. The dispatcher tries again.
        self._stop(run_id)
        self._wake()
        return run

    def trash(self, actor: Actor, run_id: str) -> Run:
        """Move an ended run to the trash; Conflict while it is active."""
        require(actor, "write", "mlops:runs")

        def apply(connection: Connection) -> None:
            state = _found(runs.find(connection, run_id))
            if state.executed_here and state.status in ACTIVE:
                raise Conflict("Cancel this run before deleting it.")
            runs.trash(connection, run_id, now_ms())

        # A full disk must not keep anybody from making room on it.
        return self._changed(actor, run_id, EventType.RUN_DELETED, apply, clean_up=True)

    def restore(self, actor: Actor, run_id: str) -> Run:
        """Take a run back out of the trash, and its experiment if that is there too.

        Conflict when another experiment has the name of its own now.
        """
        require(actor, "write", "mlops:runs")

        def apply(connection: Connection) -> None:
            experiment_id = _found(runs.find(connection, run_id)).experiment_id
            if experiments.is_deleted(connection, experiment_id):
                experiments.restore(connection, experiment_id, now_ms(), with_runs=False)
            runs.restore(connection, run_id)

        return self._changed(actor, run_id, EventType.RUN_RESTORED, apply)

    def _changed(
        self,
        actor: Actor,
        run_id: str,
        event: EventType,
        apply: Callable[[Connection], None],
        *,
        clean_up: bool = False,
    ) -> Run:
        check_run_id(run_id)
        with self._database.write(clean_up=clean_up) as connection:
            _found(runs.find(connection, run_id))
            apply(connection)
            events.append(connection, event, run_id, actor.user)
            return runs.get(connection, run_id)


def check_run_id(run_id: str) -> None:
    """Raise NotFound for text that cannot be a run id: it names no run."""
    if not names.is_run_id(run_id):
        raise NotFound("There is no such run.")


def check_note(note: str) -> None:
    """Raise TooLarge for a note that is too long."""
    if len(note) > NOTE_MAX_CHARS:
        raise TooLarge(f"A note has at most {NOTE_MAX_CHARS} characters.", field="note")


def _found(state: runs.RunState | None) -> runs.RunState:
    if state is None:
        raise NotFound("There is no such run.")
    return state
