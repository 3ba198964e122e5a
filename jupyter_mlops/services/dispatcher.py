"""Dispatcher: has queued runs launched, takes in what they report, ends them.

One thread in each process that hosts the core. Leased rows elect the one that takes in and ends the
runs of a home, and the one that launches what was queued for an environment; runs with secrets
are launched by whoever holds these. Each step is short and idempotent, so that nothing waits long for
another run, and a crash between any two leaves work that the next leader repeats.
"""

from __future__ import annotations

import logging
import threading
import time

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import MlopsError, Unavailable
from jupyter_mlops.domain.mlflow_address import FindAddress, nowhere
from jupyter_mlops.domain.run_spec import Origin, RunResult
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services.aside import Aside, Lengthy
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.conclusion import Conclusion
from jupyter_mlops.services.fault_log import log_fault
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.services.kernel_tokens import KernelTokenService
from jupyter_mlops.services.launches import Launches
from jupyter_mlops.services.leadership import Leadership
from jupyter_mlops.services.places import Places
from jupyter_mlops.services.queue import Queue
from jupyter_mlops.services.run_tracking import RunTracking
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.supervision import Supervision
from jupyter_mlops.services.troubles import Troubles
from jupyter_mlops.store import events, leases, request_keys, runs
from jupyter_mlops.store.database import Database

# While something happens, while runs go on quietly, and while nothing goes on.
BUSY_SECONDS = 0.03
QUIET_SECONDS = 0.15
IDLE_SECONDS = 0.25
# A run that logs without pause is written to the store this often.
TAKE_IN_SECONDS = 0.2
# How long after the last change a run still counts as busy.
LIVELY_SECONDS = 2.0
KEPT_MS = 7 * 86_400_000
PRUNE_SECONDS = 3_600.0
# How soon what the kernels of a server that is gone left open is ended (row D6).
SWEEP_SECONDS = 3.0
# Longer than a launch can take, whoever launches: two launchers may have to import everything.
ABANDONED_SECONDS = 300.0

_LOG = logging.getLogger(__name__)


class Dispatcher:
    """Moves runs from SCHEDULED to their end. ``concurrency`` is how many run at once.

    ``origin`` is the home and the environment of this process, ``address`` what MLflow in runs uses.
    """

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        executor: Executor,
        secrets: SecretKeeper,
        tokens: KernelTokenService,
        origin: Origin,
        concurrency: int,
        address: FindAddress = nowhere,
    ) -> None:
        self._database = database
        self._executor = executor
        self._tokens = tokens
        self._aside = Aside(self._attend_aside, self._look_again)
        self._intake = Intake(database, content, executor, origin, self._aside)
        self._conclusion = Conclusion(database, content, executor, self._intake, self._aside)
        self._leadership = Leadership(database, origin, secrets, tokens.keep)
        tracking = RunTracking(database, tokens, address)
        self._launches = Launches(database, content, executor, secrets, self._look_again, tracking)
        self._queue = Queue(
            database, origin, secrets, self._leadership, executor.has_begun, self._launches.refuse
        )
        self._places = Places(
            database, origin, concurrency, self._queue.is_ours, executor.has_begun
        )
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._pruned = -PRUNE_SECONDS
        self._swept = -SWEEP_SECONDS
        self._changed = 0.0
        self._supervision = Supervision(executor)
        self._troubles = Troubles()
        self._unknown: set[str] = set()
        self._taken: dict[str, float] = {}
        self._active = 0

    @property
    def leading(self) -> bool:
        """Whether this process takes in and ends the runs of its home."""
        return self._leadership.leading

    @property
    def active(self) -> int:
        """How many runs were queued or running when last looked."""
        return self._active

    def start(self) -> None:
        """Begin to dispatch in a thread of its own."""
        self._thread = threading.Thread(target=self._loop, name="mlops-dispatcher", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look for work now instead of at the next tick."""
        self._wake.set()

    def close(self) -> None:
        """Stop dispatching and give the leases back; runs go on."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._launches.close()
        self._aside.close()
        self._places.leave()
        self._leadership.release()

    def _loop(self) -> None:
        failures = 0
        active = False
        while not self._stopping:
            try:
                active = self.cycle()
                failures = 0
            except MlopsError as error:
                # The disk is full or the store is away: what runs goes on, its spools keep
                # everything, and the next cycle tries again.
                failures += 1
                _LOG.warning("dispatching waits: %s", error.message)
            except Exception as error:  # noqa: BLE001 - the reason follows
                # One run must not stop the others for ever: this thread is the only one that
                # ends runs, so it logs what it met and carries on.
                failures += 1
                log_fault(_LOG, "dispatching failed; trying again", error)
            self._wake.wait(self._pause(failures, active=active))
            self._wake.clear()

    def _pause(self, failures: int, *, active: bool) -> float:
        if failures:
            return min(5.0, IDLE_SECONDS * (1 << min(failures, 8)))
        if time.monotonic() - self._changed < LIVELY_SECONDS:
            return BUSY_SECONDS
        return QUIET_SECONDS if active else IDLE_SECONDS

    def cycle(self) -> bool:
        """Do one round; True when batch runs are active."""
        self._renew()
        present = set(self._executor.run_ids())
        batch_active = False
        going = self._look()
        self._launches.cancel_unwanted()
        if self.leading:
            self._pass_on_cancels(going)
            for run_id in present:
                self._renew()
                batch_active |= self._attend_alone(run_id)
            self._find_vanished(going, present)
            self._sweep_kernels()
            self._prune()
        return self._launch_queued() or batch_active

    def _renew(self) -> None:
        if self._leadership.renew():
            self._places.keep(self._launches.under_way)
            self._queue.review()

    def _look(self) -> list[runs.RunState]:
        """Return the runs of this home that are under way; count what keeps the server awake."""
        with self._database.read() as connection:
            going = [
                state
                for state in runs.running(connection)
                if self._queue.is_ours(connection, state.run_id)
            ]
            waiting = self._queue.length(connection)
        self._active = waiting + sum(state.source_type == "notebook" for state in going)
        return going

    def _pass_on_cancels(self, going: list[runs.RunState]) -> None:
        """Tell the reapers of cancelled runs, before anything that may take long."""
        for state in going:
            if state.cancel_requested:
                self._supervision.cancel(state.run_id)

    def _attend_alone(self, run_id: str) -> bool:
        """Attend to one run; what is wrong with one must not stop the others."""
        if run_id in self._launches.under_way or run_id in self._aside.under_way:
            return True
        if self._troubles.pauses(run_id):
            return False
        try:
            going = self._attend(run_id)
        except Lengthy:
            self._taken.pop(run_id, None)
            self._aside.begin(run_id)
            return True
        except Exception as error:  # noqa: BLE001 - the reason follows
            # Whatever one run left behind (files that cannot be read, records that cannot be
            # stored, an artifact that does not fit on the disk): told once, tried again.
            if isinstance(error, Unavailable):
                self._demand_store()
            self._note_trouble(run_id, error)
            return False
        self._troubles.forget(run_id)
        return going

    def _demand_store(self) -> None:
        """Raise Unavailable if the store is away, for all runs: not just a file of one of them."""
        with self._database.write():
            pass

    def _attend_aside(self, run_id: str) -> bool:
        """Attend to a run with a large file, in the thread for these; True when all went well."""
        try:
            self._attend(run_id)
        except Unavailable as error:
            _LOG.debug("dispatching waits: %s", error.message)
            return False
        except Exception as error:  # noqa: BLE001 - as above
            self._note_trouble(run_id, error)
            return False
        self._troubles.forget(run_id)
        return True

    def _note_trouble(self, run_id: str, error: Exception) -> None:
        if self._troubles.note(run_id):
            log_fault(_LOG, f"run {run_id} cannot be taken in; trying again", error)

    def _attend(self, run_id: str) -> bool:
        """Take in and, when its processes are gone, conclude one run; True while it goes on."""
        now = time.monotonic()
        pause = 0.0 if self._intake.is_behind(run_id) else TAKE_IN_SECONDS
        if now - self._taken.get(run_id, -TAKE_IN_SECONDS) >= pause:
            self._taken[run_id] = now
            if self._intake.take_in(run_id):
                self._changed = now
        if not self._executor.is_batch(run_id):
            return self._attend_interactive(run_id)
        result = self._executor.result(run_id)
        if result is not None:
            self._conclude_known(run_id, result)
            return False
        alive = self._executor.is_alive(run_id)
        unheard = alive and not self._supervision.cancelled(run_id)
        if unheard and not self._launches.note_started(run_id):
            # Its record has ended before it began; its reaper may be one that does not react.
            self._supervision.cancel(run_id)
        reason = self._supervision.overdue(run_id, alive=alive)
        if reason is not None:
            return self._end_overdue(run_id, reason)
        return alive or self._end_dead(run_id)

    def _attend_interactive(self, run_id: str) -> bool:
        if self._intake.is_behind(run_id):
            return False
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        if state is None:
            return False
        if state.source_type == "notebook":
            # A queued run whose directory is being made.
            return self._end_dead(run_id)
        # Its last word may come between the two looks.
        alive = self._executor.is_alive(run_id)
        result = self._conclusion.closed_by_code(run_id)
        if result is not None or not alive:
            self._conclude(run_id, result or self._conclusion.lost(run_id))
        return False

    def _conclude_known(self, run_id: str, result: RunResult) -> None:
        """Conclude a run that the store knows; one that it does not know is kept on disk."""
        with self._database.read() as connection:
            known = runs.find(connection, run_id) is not None
        if known:
            self._conclude(run_id, result)
        else:
            self._tell_unknown(run_id)

    def _tell_unknown(self, run_id: str) -> None:
        if run_id not in self._unknown:
            self._unknown.add(run_id)
            _LOG.warning("run %s is not in this store; its directory is kept", run_id)

    def _end_dead(self, run_id: str) -> bool:
        """Conclude a run whose reaper vanished; queue it again if it never began."""
        # The reaper may have written its result between the two looks.
        result = self._executor.result(run_id)
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        if state is None:
            # An older store may have been put back: nothing of it is ours to end.
            self._tell_unknown(run_id)
            return False
        if result is None and state.status is RunStatus.SCHEDULED:
            age = time.time() - self._executor.directory(run_id).path.stat().st_mtime
            if age > ABANDONED_SECONDS:
                # A server died between making the directory and starting the reaper.
                self._executor.sweep(run_id)
                self._executor.discard(run_id)
            return False
        self._executor.sweep(run_id)
        self._conclude(run_id, result or self._conclusion.lost(run_id))
        return False

    def _end_overdue(self, run_id: str, reason: Reason) -> bool:
        """End a run whose reaper should have done so long ago."""
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        if state is None:
            self._tell_unknown(run_id)
            return True
        self._executor.sweep(run_id)
        # The reaper may have come to itself meanwhile.
        result = self._executor.result(run_id)
        self._conclude(run_id, result or self._conclusion.overdue(run_id, reason))
        return False

    def _conclude(self, run_id: str, result: RunResult) -> None:
        self._changed = time.monotonic()
        if not self._conclusion.conclude(run_id, result):
            return
        self._launches.forget(run_id)
        self._intake.forget(run_id)
        self._supervision.forget(run_id)
        self._unknown.discard(run_id)
        self._taken.pop(run_id, None)

    def _find_vanished(self, going: list[runs.RunState], present: set[str]) -> None:
        """End runs that the store believes to be running but of which nothing is left."""
        for state in going:
            if state.run_id in present or state.run_id in self._aside.under_way:
                continue
            if self._executor.directory(state.run_id).path.exists():
                continue
            with self._database.read() as connection:
                now = runs.find(connection, state.run_id)
            if now is not None and now.status is RunStatus.RUNNING:
                self._executor.sweep(state.run_id)
                self._conclude(state.run_id, self._conclusion.lost(state.run_id))

    def _launch_queued(self) -> bool:
        """Have queued runs started while there is room; True while any is being started."""
        while not self._stopping and self._places.free():
            spec = self._queue.next(self._launches.under_way)
            if spec is None:
                break
            if not self._places.take(spec.run_id):
                # Another process was faster; the run keeps its turn.
                self._queue.rewind()
                break
            self._launches.begin(spec)
        return bool(self._launches.under_way)

    def _look_again(self) -> None:
        """Look at once at a run whose start or large file was seen to, and for the next one."""
        self._changed = time.monotonic()
        self._wake.set()

    def _sweep_kernels(self) -> None:
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            self._swept = time.monotonic()
            self._tokens.sweep()

    def _prune(self) -> None:
        if time.monotonic() - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = time.monotonic()
        with self._database.write(clean_up=True) as connection:
            events.prune(connection, now_ms() - KEPT_MS)
            request_keys.prune(connection, now_ms() - KEPT_MS)
            leases.prune(connection, now_ms())
