"""Launches: queued runs are started in a thread of their own, one after the other.

A first start may wait long for a launcher that imports everything. Meanwhile the dispatcher goes on
to pass on cancels, to take in what others report and to keep its leases.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import MlopsError, Unavailable
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_spec import RunSpec
from jupyter_mlops.domain.runs import ACTIVE, Reason, RunStatus
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.services.run_tracking import RunTracking
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import secret_keys
from jupyter_mlops.store import events, runs
from jupyter_mlops.store.database import Database

# How long a start that is under way may still take when the server stops,
PATIENCE_SECONDS = 2.0
# and how long it may take to notice that the launcher was let go.
NOTICE_SECONDS = 10.0
# So often a start may fail for a reason that nobody foresaw; some pass, such as a full file table.
ATTEMPTS_MAX = 5
_GIVEN_UP = (
    "It could not be started, in several attempts. The server's log says why; when that is mended,"
    " run it again."
)

_LOG = logging.getLogger(__name__)


class Launches:
    """Starts runs and records that they started. ``attempted`` is called after each attempt."""

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        executor: Executor,
        secrets: SecretKeeper,
        attempted: Callable[[], None],
        tracking: RunTracking,
    ) -> None:
        self._database = database
        self._content = content
        self._executor = executor
        self._secrets = secrets
        self._attempted = attempted
        self._tracking = tracking
        self._orders: queue.SimpleQueue[RunSpec | None] = queue.SimpleQueue()
        self._under_way: set[str] = set()
        self._started: set[str] = set()
        self._failures: Counter[str] = Counter()
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def under_way(self) -> frozenset[str]:
        """The runs that were asked for and have neither started nor failed yet."""
        return frozenset(self._under_way.copy())

    def begin(self, spec: RunSpec) -> None:
        """Have a run started soon; returns at once."""
        self._under_way.add(spec.run_id)
        self._orders.put(spec)
        if self._thread is None:
            self._thread = threading.Thread(target=self._loop, name="mlops-launches", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Start nothing more; what did not start in time stays queued for the next server."""
        self._stopping = True
        if self._thread is None:
            return
        self._orders.put(None)
        self._thread.join(PATIENCE_SECONDS)
        if self._thread.is_alive():
            self._executor.close()
            self._thread.join(NOTICE_SECONDS)

    def _loop(self) -> None:
        while (spec := self._orders.get()) is not None:
            try:
                if not self._stopping:
                    self._launch(spec)
            except MlopsError as error:
                # The store is away. Whether the run started, its own files tell when it is back.
                _LOG.warning(
                    "run %s: its start is not recorded yet: %s", spec.run_id, error.message
                )
            except Exception as error:  # noqa: BLE001 - the reason follows
                # One run must not stop the others for ever. It stays queued and is tried again.
                self._failures[spec.run_id] += 1
                log_fault(_LOG, f"run {spec.run_id} could not be started", error)
            self._under_way.discard(spec.run_id)
            self._attempted()

    def _launch(self, spec: RunSpec) -> None:
        """Start a run's processes, then record it as RUNNING: a crash between is made good."""
        run_id, needs_secrets = spec.run_id, bool(secret_keys(spec))
        if not self._is_wanted(run_id) or (needs_secrets and not self._secrets.holds(run_id)):
            # It was cancelled while it waited for its turn.
            self._secrets.forget(run_id)
            return
        if self._failures[run_id] >= ATTEMPTS_MAX:
            self._give_up(spec, Unavailable(_GIVEN_UP))
            return
        try:
            with self._content.open(spec.source_digest) as file:
                source = file.read()
            self._executor.prepare(spec, source)
        except MlopsError as error:
            self._give_up(spec, error)
            return
        # Asked again: who cancels it from now on finds the directory, and tells the reaper.
        if not self._is_wanted(run_id):
            self._secrets.forget(run_id)
            if not self._executor.has_begun(run_id):
                self._executor.discard(run_id)
            return
        try:
            secrets = self._secrets.get(run_id) if needs_secrets else {}
            variables = partial(self._tracking.variables, spec)
            self._executor.launch(spec, source, secrets, variables)
        except MlopsError as error:
            self._give_up(spec, error)
            return
        # Whatever becomes of the record: its reaper has them, and it is not launched again.
        self._secrets.forget(run_id)
        if not self.note_started(run_id):
            self._executor.cancel(run_id)

    def _give_up(self, spec: RunSpec, error: MlopsError) -> None:
        if self._stopping:
            return
        self._executor.sweep(spec.run_id)
        self.refuse(spec.run_id, spec.user, error.message)
        self._executor.discard(spec.run_id)
        self.forget(spec.run_id)

    def _is_wanted(self, run_id: str) -> bool:
        """Tell whether a run waits still: it may have been cancelled, even purged, meanwhile."""
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        return state is not None and state.status is RunStatus.SCHEDULED

    def cancel_unwanted(self) -> None:
        """Tell the reapers to come of runs that were cancelled while they are being started."""
        under_way = self.under_way
        if not under_way:
            return
        with self._database.read() as connection:
            states = [runs.find(connection, run_id) for run_id in under_way]
        for state in states:
            if state is not None and state.status not in ACTIVE:
                self._executor.cancel(state.run_id)

    def note_started(self, run_id: str) -> bool:
        """Record that a launched run is under way; False for one that was cancelled meanwhile."""
        if run_id in self._started:
            return True
        with self._database.write() as connection:
            state = runs.find(connection, run_id)
            if state is not None and state.status not in ACTIVE:
                return False
            if state is not None and state.status is RunStatus.SCHEDULED:
                runs.start(connection, run_id, now_ms())
                events.append(connection, EventType.RUN_STARTED, run_id, state.user)
        # A run that this store does not know goes on: the store may be an older one, put back.
        self._started.add(run_id)
        return True

    def forget(self, run_id: str) -> None:
        """Drop what is remembered of a run that has ended."""
        self._started.discard(run_id)
        self._failures.pop(run_id, None)
        self._secrets.forget(run_id)

    def refuse(self, run_id: str, user: str, message: str) -> None:
        """End a queued run that cannot start, and say what its user can do about it."""
        with self._database.write(clean_up=True) as connection:
            state = runs.find(connection, run_id)
            if state is None or state.status not in ACTIVE:
                return
            runs.end(
                connection,
                run_id,
                status=RunStatus.FAILED,
                reason=Reason.REFUSED,
                message=message,
                ended_at=now_ms(),
            )
            events.append(connection, EventType.RUN_ENDED, run_id, user)
