"""Purging: what is in the trash leaves it for good, a run with its rows, its run directory and its files.

The order makes every crash harmless. First the run directory goes, so that no dispatcher finds
it later and makes the run anew; then the rows with their event; then the bytes that only this run
named. A crash before the rows leaves a run in the trash, to be purged again; one after them leaves
bytes that no row names, which the collection finds. An experiment goes once nothing is in it any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator

from sqlalchemy import Connection

from jupyter_mlops.artifacts.collection import Collector
from jupyter_mlops.domain.actors import Actor
from jupyter_mlops.domain.errors import Conflict, MlopsError, NotFound, Unavailable
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.file_places import InRun
from jupyter_mlops.domain.runs import ACTIVE
from jupyter_mlops.domain.trash import Purged, TrashContents
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services import request_keys
from jupyter_mlops.services.permissions import require
from jupyter_mlops.services.runs import check_run_id
from jupyter_mlops.store import (
    artifacts,
    events,
    experiment_purges,
    logged_model_purges,
    model_versions,
    runs,
    trash,
)
from jupyter_mlops.store.database import Database

# A request that empties a long trash answers after this long, and is sent again.
EMPTY_SECONDS = 3.0
_PAGE = 100
_REMOVED = 200
# Purged in one transaction.
_MODELS = 20
_EXPERIMENTS = 200

_LOG = logging.getLogger(__name__)


class _HeldByVersion(Conflict):
    """The files of a run are needed by a model version."""


class TrashService:
    """What can be done with the trash besides taking runs back out of it."""

    def __init__(self, database: Database, collector: Collector, executor: Executor) -> None:
        self._database = database
        self._collector = collector
        self._executor = executor

    def contents(self, actor: Actor) -> TrashContents:
        """Return how much is in the trash."""
        require(actor, "read", "mlops:runs")
        require(actor, "read", "mlops:experiments")
        with self._database.read() as connection:
            return TrashContents(
                runs=trash.count(connection),
                experiments=experiment_purges.count(connection),
                logged_models=logged_model_purges.count(connection),
            )

    def purge(self, actor: Actor, run_id: str) -> Purged:
        """Delete one run for good; Conflict unless it is in the trash."""
        require(actor, "write", "mlops:runs")
        check_run_id(run_id)
        freed = self._remove(self._purge(run_id, actor.user))
        return Purged(
            runs=1,
            experiments=0,
            logged_models=0,
            bytes_freed=freed,
            remaining=self._remaining(),
        )

    def empty(self, actor: Actor) -> Purged:
        """Delete all in the trash for good, or as much as a few seconds allow.

        Raises what stands in the way when no run could be deleted.
        """
        require(actor, "write", "mlops:runs")
        require(actor, "write", "mlops:experiments")
        return self._empty(actor.user, deleted_by=None)

    def expire(self, deleted_by: int) -> Purged:
        """Delete for good what is in the trash since ``deleted_by`` (milliseconds)."""
        return self._empty("system", deleted_by)

    def named(self, digests: Collection[str]) -> set[str]:
        """Return those of the digests that a row names."""
        with self._database.read() as connection:
            return artifacts.named(connection, digests)

    def _empty(self, user: str, deleted_by: int | None) -> Purged:
        until = time.monotonic() + EMPTY_SECONDS
        purged = freed = 0
        unnamed: set[str] = set()
        failure: MlopsError | None = None
        for run_id in self._trash(deleted_by):
            try:
                unnamed |= self._purge(run_id, user)
                purged += 1
            except _HeldByVersion as error:
                failure = error
            except (Conflict, NotFound):
                # Somebody was faster: it was restored, or purged.
                continue
            except MlopsError as error:
                # One run that cannot go must not keep the others.
                failure = error
                _LOG.warning("run %s stays in the trash: %s", run_id, error.message)
            if len(unnamed) >= _REMOVED:
                # Many at once: whether a row names them costs as much for one.
                freed += self._remove(unnamed)
                unnamed = set()
            if time.monotonic() > until:
                break
        models, named = self._purge_models(user, deleted_by, until)
        experiments = self._purge_experiments(user, deleted_by, until)
        freed += self._remove(unnamed | named)
        if failure is not None and not purged:
            raise failure
        return Purged(
            runs=purged,
            experiments=experiments,
            logged_models=models,
            bytes_freed=freed,
            remaining=self._remaining(),
        )

    def _trash(self, deleted_by: int | None) -> Iterator[str]:
        after = 0
        while True:
            with self._database.read() as connection:
                page = trash.page(connection, deleted_by=deleted_by, after=after, limit=_PAGE)
            yield from (run_id for _, run_id in page)
            if len(page) < _PAGE:
                return
            after, _ = page[-1]

    def _purge(self, run_id: str, user: str) -> set[str]:
        """Take folder and rows of a run away; return the digests that these rows named."""
        with self._database.read() as connection:
            _check(connection, run_id)
        self._discard(run_id)
        with self._database.write(clean_up=True) as connection:
            # It may have been restored, or purged, since.
            state = _check(connection, run_id)
            named = trash.purge(connection, state.seq)
            request_keys.forget_run(connection, state.user, run_id, state.created_at)
            events.append(connection, EventType.RUN_PURGED, run_id, user)
        return named

    def _purge_models(
        self, user: str, deleted_by: int | None, until: float
    ) -> tuple[int, set[str]]:
        """Take the rows of logged models away that their clients deleted.

        Returns how many went, and the digests that these rows named.
        """
        after, gone, named = 0, 0, set[str]()
        while time.monotonic() <= until:
            with self._database.write(clean_up=True) as connection:
                page = logged_model_purges.in_trash(
                    connection, deleted_by=deleted_by, after=after, limit=_MODELS
                )
                going = logged_model_purges.without_held(connection, page)
                named |= logged_model_purges.purge(connection, list(going))
                gone += len(going)
                for model_id in going.values():
                    events.append(connection, EventType.LOGGED_MODEL_PURGED, model_id, user)
            if len(page) < _MODELS:
                break
            after = max(page)
        return gone, named

    def _purge_experiments(self, user: str, deleted_by: int | None, until: float) -> int:
        """Take the rows of deleted experiments away that hold nothing any more; return how many went."""
        after, purged = 0, 0
        while time.monotonic() <= until:
            with self._database.write(clean_up=True) as connection:
                page = experiment_purges.in_trash(
                    connection, deleted_by=deleted_by, after=after, limit=_EXPERIMENTS
                )
                gone = experiment_purges.purge(connection, page)
                for number in gone:
                    events.append(connection, EventType.EXPERIMENT_PURGED, str(number), user)
            purged += len(gone)
            if len(page) < _EXPERIMENTS:
                break
            after = page[-1]
        return purged

    def _remove(self, digests: Collection[str]) -> int:
        try:
            return self._collector.remove(digests, self.named)
        except MlopsError as error:
            # The runs are gone, and must not be said to be there: the collection finds their bytes.
            _LOG.warning("files of deleted runs stay for now: %s", error.message)
            return 0

    def _discard(self, run_id: str) -> None:
        """Remove what is left of the run directory: the end of a run has taken all of it in.

        One that was cancelled while it was being started may have processes for a moment more.
        """
        if self._executor.is_batch(run_id) and self._executor.is_alive(run_id):
            self._executor.cancel(run_id)
            raise Conflict("This run is just ending; try again in a moment.")
        self._executor.discard(run_id)
        if self._executor.directory(run_id).path.exists():
            raise Unavailable(
                "The folder of this run cannot be removed; check the permissions below the home "
                "of Jupyter MLOps."
            )

    def _remaining(self) -> int:
        with self._database.read() as connection:
            return trash.count(connection)


def _check(connection: Connection, run_id: str) -> runs.RunState:
    state = runs.find(connection, run_id)
    if state is None:
        raise NotFound("There is no such run.")
    if state.executed_here and state.status in ACTIVE:
        raise Conflict("Cancel this run before deleting it.")
    if state.deleted_at is None:
        raise Conflict("Only a run in the trash can be deleted permanently; delete it first.")
    if model_versions.hold(connection, InRun(run_id, "")):
        raise _HeldByVersion(
            "A model version is made of files of this run; delete the version first."
        )
    return state
