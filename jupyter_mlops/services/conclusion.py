"""Conclusion: move what an ended run left behind into the store, then end its record."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.cells import Cell, CellState
from jupyter_mlops.domain.errors import MlopsError, NotFound
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_spec import PROTOCOL_VERSION, RunResult, RunSpec
from jupyter_mlops.domain.runs import ACTIVE, Reason, RunStatus, may_follow
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services.aside import Aside
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.executed_copies import write_copy
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.services.kernel_tokens import end_tracked_run
from jupyter_mlops.services.submission import spec_from
from jupyter_mlops.store import cells, events, runs, tags
from jupyter_mlops.store.database import Database

# A run that left much behind is taken in by and by: others want to be attended to meanwhile.
TAKE_IN_SECONDS = 0.5

_NOT_COPIED = "The copy of the executed notebook could not be written to the folder asked for."

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Copied:
    """The name under which the copy that a user asked for was written; None if it could not be."""

    name: str | None


class Conclusion:
    """Ends runs whose processes are gone; safe to repeat after a crash at any point.

    A run that code opened on a machine out of sight may be taken for lost while it goes on. It stays
    lost while it only logs, which is stored; when it ends properly, that end replaces the loss.
    """

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        executor: Executor,
        intake: Intake,
        aside: Aside,
    ) -> None:
        self._database = database
        self._content = content
        self._executor = executor
        self._intake = intake
        self._aside = aside

    def conclude(self, run_id: str, result: RunResult) -> bool:
        """Take in all that is left of a run, end its record, remove its run directory.

        False when so much is left that it has to be called again. Raises Lengthy, for a large file.
        """
        until = time.monotonic() + TAKE_IN_SECONDS
        while self._intake.take_in(run_id):
            if time.monotonic() > until:
                return False
        with self._content.naming():
            self._record_end(run_id, result, self._store_files(run_id))
        self._executor.discard(run_id)
        return True

    def _record_end(self, run_id: str, result: RunResult, digests: dict[str, str]) -> None:
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
            spec = runs.spec(connection, run_id)
        copied = None
        if state is not None and state.source_type == "notebook" and spec is not None:
            # Before the end is recorded: a crash here only means that it is done again.
            copied = self._save_copy(spec_from(spec), digests.get("executed"))
        with self._database.write(clean_up=True) as connection:
            state = runs.find(connection, run_id)
            if state is None or not (state.status in ACTIVE or _is_corrected(state, result)):
                return
            runs.set_digests(connection, run_id, **digests)
            if copied is not None and copied.name is not None:
                runs.set_copy_name(connection, run_id, copied.name)
            elif copied is not None:
                tags.set(connection, run_id, "mlops.save_to", _NOT_COPIED)
            self._close_cells(connection, run_id)
            if state.status is RunStatus.SCHEDULED:
                runs.start(connection, run_id, result.ended_at - result.duration_ms)
            runs.end(
                connection,
                run_id,
                status=result.status,
                reason=result.reason,
                message=result.message,
                ended_at=result.ended_at,
                duration_ms=result.duration_ms,
                cpu_seconds=result.cpu_seconds,
                peak_memory_bytes=result.peak_memory_bytes,
                failing_cell=result.failing_cell,
                secrets_masked=result.secrets_masked,
            )
            events.append(connection, EventType.RUN_ENDED, run_id, state.user)
            # At once with the end: its kernel can open nothing more, and leaves nothing open.
            end_tracked_run(connection, run_id)

    def _store_files(self, run_id: str) -> dict[str, str]:
        directory = self._executor.directory(run_id)
        digests = {}
        for kind, path in (("executed", directory.executed), ("log", directory.log)):
            with suppress(NotFound, FileNotFoundError, NotADirectoryError):
                self._aside.admit(path.lstat().st_size)
                runs_folder = directory.path.parent
                digests[kind], _ = self._content.take(runs_folder, f"{run_id}/{path.name}")
        return digests

    def _close_cells(self, connection: Connection, run_id: str) -> None:
        """Mark cells that still read running as interrupted by whatever ended the run."""
        for cell in cells.for_run(connection, run_id):
            if cell.state is CellState.RUNNING:
                closed = Cell(
                    index=cell.index,
                    cell_id=cell.cell_id,
                    state=CellState.INTERRUPTED,
                    started_at=cell.started_at,
                    duration_ms=None,
                    error_name=cell.error_name,
                    error_value=cell.error_value,
                )
                cells.upsert(connection, run_id, closed)

    def _save_copy(self, spec: RunSpec, digest: str | None) -> _Copied | None:
        """Write the copy the user asked for, if one was; the end of a run never waits for it."""
        if spec.save_to is None or digest is None:
            return None
        run_id = spec.run_id
        try:
            with self._content.open(digest) as file:
                data = file.read()
            return _Copied(write_copy(spec.save_to, data, numbered=spec.save_to_numbered))
        except (OSError, MlopsError) as error:
            _LOG.warning("run %s: its copy was not saved (%s)", run_id, type(error).__name__)
            return _Copied(None)

    def lost(self, run_id: str) -> RunResult:
        """Return the result of a run whose processes vanished without leaving one."""
        with self._database.read() as connection:
            cancelled = runs.get(connection, run_id).cancel_requested
        reason = Reason.CANCELLED if cancelled else Reason.LOST
        return self._ended_now(run_id, reason, self._executor.lost_message(run_id))

    def overdue(self, run_id: str, reason: Reason) -> RunResult:
        """Return the result of a run that had to be ended from here, for this reason."""
        cause = "was cancelled" if reason is Reason.CANCELLED else "reached its time limit"
        message = f"The run {cause}; the process that supervised it did not react and was killed."
        return self._ended_now(run_id, reason, message)

    def _ended_now(self, run_id: str, reason: Reason, message: str) -> RunResult:
        with self._database.read() as connection:
            run = runs.get(connection, run_id)
        now = now_ms()
        return RunResult(
            run_id=run_id,
            protocol=PROTOCOL_VERSION,
            status=RunStatus.KILLED if reason is Reason.CANCELLED else RunStatus.FAILED,
            reason=reason,
            message=message,
            ended_at=now,
            duration_ms=max(0, now - (run.started_at or run.created_at)),
            cpu_seconds=None,
            peak_memory_bytes=None,
            failing_cell=run.progress.current_cell,
            secrets_masked=0,
        )

    def closed_by_code(self, run_id: str) -> RunResult | None:
        """Return the result that an interactive run wrote for itself, or None."""
        closed = self._executor.closing(run_id)
        opened = None if closed is None else self._executor.opening(run_id)
        if opened is None or closed is None:
            return None
        return RunResult(
            run_id=run_id,
            protocol=PROTOCOL_VERSION,
            status=closed.status,
            reason=closed.reason,
            message=closed.message,
            ended_at=closed.ts,
            duration_ms=max(0, closed.ts - opened.ts),
            cpu_seconds=None,
            peak_memory_bytes=None,
            failing_cell=None,
            secrets_masked=0,
        )


def _is_corrected(state: runs.RunState, result: RunResult) -> bool:
    """Tell whether a run that code opened was taken for lost, and has ended by itself after all."""
    return (
        state.source_type != "notebook"
        and state.status not in ACTIVE
        and may_follow((state.status, state.reason), (result.status, result.reason))
    )
