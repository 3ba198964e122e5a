"""Dispatcher: claims queued runs, launches them, takes in what they report, ends them.

One thread in each process that hosts the core. A leased row elects the one that dispatches; the
others stand by and launch only runs whose secrets they alone hold. Each step is idempotent, so a
crash between any two leaves work that the next leader repeats.
"""

from __future__ import annotations

import logging
import threading
import time

import msgspec

from jupyter_mlops.artifacts.content import ContentStore
from jupyter_mlops.domain.errors import MlopsError, Unavailable
from jupyter_mlops.domain.events import EventType
from jupyter_mlops.domain.run_spec import RunResult, RunSpec
from jupyter_mlops.domain.runs import ACTIVE, Reason, RunStatus
from jupyter_mlops.execution.executor import Executor
from jupyter_mlops.services import owners
from jupyter_mlops.services.clock import now_ms
from jupyter_mlops.services.conclusion import Conclusion
from jupyter_mlops.services.intake import Intake
from jupyter_mlops.services.secret_keeper import SecretKeeper
from jupyter_mlops.services.submission import secret_names, spec_from
from jupyter_mlops.store import events, leases, requests, runs
from jupyter_mlops.store.database import Database

LEASE = "dispatcher"
LEASE_MS = 8_000
RENEW_SECONDS = 2.0
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
# Longer than a launch can take, whoever launches: a launcher may first have to import everything.
ABANDONED_SECONDS = 150.0

_LOG = logging.getLogger(__name__)


class Dispatcher:
    """Moves runs from SCHEDULED to their end. ``concurrency`` is how many run at once."""

    def __init__(
        self,
        database: Database,
        content: ContentStore,
        executor: Executor,
        secrets: SecretKeeper,
        concurrency: int,
    ) -> None:
        self._database = database
        self._content = content
        self._executor = executor
        self._secrets = secrets
        self._concurrency = concurrency
        self._intake = Intake(database, content, executor)
        self._conclusion = Conclusion(database, content, executor, self._intake)
        self._owner = owners.new_owner()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._renewed = -RENEW_SECONDS
        self._pruned = -PRUNE_SECONDS
        self._changed = 0.0
        self._cancelled: set[str] = set()
        self._started: set[str] = set()
        self._troubled: set[str] = set()
        self._taken: dict[str, float] = {}
        self._active = 0
        self.leading = False

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
        """Stop dispatching and give the lease back; runs go on."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)
        if self.leading:
            with self._database.write() as connection:
                leases.release(connection, LEASE, self._owner)
        self.leading = False

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
            except Exception:  # noqa: BLE001 - the reason follows
                # One run must not stop the others for ever: this thread is the only one that
                # ends runs, so it logs what it met and carries on.
                failures += 1
                _LOG.exception("dispatching failed; trying again")
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
        self._elect()
        self._hold_secrets()
        present = set(self._executor.run_ids())
        batch_active = False
        going = self._look()
        if self.leading:
            self._pass_on_cancels(going)
            for run_id in present:
                self._elect()
                batch_active |= self._attend_alone(run_id)
            self._find_vanished(going, present)
            self._prune()
        launched = self._launch_queued()
        return batch_active or launched

    def _elect(self) -> None:
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return
        with self._database.write() as connection:
            holder = leases.holder(connection, LEASE, now_ms())
            if holder is not None and owners.is_gone(holder):
                leases.release(connection, LEASE, holder)
            self.leading = leases.acquire(connection, LEASE, self._owner, now_ms(), LEASE_MS)
        self._renewed = time.monotonic()

    def _hold_secrets(self) -> None:
        """Tell the other processes that the secrets of these queued runs are still here."""
        for run_id in self._secrets.run_ids():
            with self._database.write() as connection:
                leases.acquire(connection, _secret_lease(run_id), self._owner, now_ms(), LEASE_MS)

    def _look(self) -> list[runs.RunState]:
        """Return the runs under way, and count what keeps the server awake."""
        with self._database.read() as connection:
            going = runs.running(connection)
            waiting = runs.queue_length(connection)
        self._active = waiting + sum(state.source_type == "notebook" for state in going)
        return going

    def _pass_on_cancels(self, going: list[runs.RunState]) -> None:
        """Tell the reapers of cancelled runs, before anything that may take long."""
        for state in going:
            if state.cancel_requested and state.run_id not in self._cancelled:
                self._executor.cancel(state.run_id)
                self._cancelled.add(state.run_id)

    def _attend_alone(self, run_id: str) -> bool:
        """Attend to one run; what is wrong with one must not stop the others."""
        try:
            return self._attend(run_id)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - the reason follows
            # Whatever one run left behind (files that cannot be read, records that cannot be
            # stored, an artifact that does not fit on the disk): told once, tried again.
            if run_id not in self._troubled:
                self._troubled.add(run_id)
                _LOG.exception("run %s cannot be taken in; trying again", run_id)
            return False

    def _attend(self, run_id: str) -> bool:
        """Take in and, when its processes are gone, conclude one run; True while it goes on."""
        now = time.monotonic()
        if now - self._taken.get(run_id, -TAKE_IN_SECONDS) >= TAKE_IN_SECONDS:
            self._taken[run_id] = now
            if self._intake.take_in(run_id):
                self._changed = now
        if not self._executor.is_batch(run_id):
            return self._attend_interactive(run_id)
        result = self._executor.result(run_id)
        if result is not None:
            self._conclude_known(run_id, result)
            return False
        if self._executor.is_alive(run_id):
            self._mark_started(run_id)
            return True
        return self._end_dead(run_id)

    def _attend_interactive(self, run_id: str) -> bool:
        # A long spool is searched for its last word only once that was seen, or cannot come.
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        if state is None:
            return False
        if state.source_type == "notebook":
            # A queued run whose directory is being made.
            return self._end_dead(run_id)
        alive = self._executor.is_alive(run_id)
        if alive and not self._intake.may_have_closed(run_id):
            return False
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
        elif run_id not in self._troubled:
            self._troubled.add(run_id)
            _LOG.warning("run %s is not in this store; its directory is kept", run_id)

    def _end_dead(self, run_id: str) -> bool:
        """Conclude a run whose reaper vanished; queue it again if it never began."""
        # The reaper may have written its result between the two looks.
        result = self._executor.result(run_id)
        with self._database.read() as connection:
            state = runs.find(connection, run_id)
        if result is None and state is not None and state.status is RunStatus.SCHEDULED:
            age = time.time() - self._executor.directory(run_id).path.stat().st_mtime
            if age > ABANDONED_SECONDS:
                # A server died between making the directory and starting the reaper.
                self._executor.sweep(run_id)
                self._executor.discard(run_id)
            return False
        self._executor.sweep(run_id)
        self._conclude(run_id, result or self._conclusion.lost(run_id))
        return False

    def _conclude(self, run_id: str, result: RunResult) -> None:
        self._conclusion.conclude(run_id, result)
        self._cancelled.discard(run_id)
        self._started.discard(run_id)
        self._troubled.discard(run_id)
        self._taken.pop(run_id, None)
        self._changed = time.monotonic()

    def _mark_started(self, run_id: str) -> None:
        """Record that a launched run is under way; one that was cancelled meanwhile is stopped."""
        if run_id in self._started:
            return
        with self._database.write() as connection:
            state = runs.find(connection, run_id)
            if state is None or state.status not in ACTIVE:
                self._executor.cancel(run_id)
            elif state.status is RunStatus.SCHEDULED:
                runs.start(connection, run_id, now_ms())
                events.append(connection, EventType.RUN_STARTED, run_id, state.user)
        self._started.add(run_id)

    def _find_vanished(self, going: list[runs.RunState], present: set[str]) -> None:
        """End runs that the store believes to be running but of which nothing is left."""
        for state in going:
            if state.run_id in present or self._executor.directory(state.run_id).path.exists():
                continue
            with self._database.read() as connection:
                now = runs.find(connection, state.run_id)
            if now is not None and now.status is RunStatus.RUNNING:
                self._executor.sweep(state.run_id)
                self._conclude(state.run_id, self._conclusion.lost(state.run_id))

    def _launch_queued(self) -> bool:
        launched = False
        while True:
            spec = self._next()
            if spec is None:
                return launched
            launched |= self._launch(spec)

    def _next(self) -> RunSpec | None:
        """Return the spec of the first queued run that may start here now."""
        with self._database.read() as connection:
            going = sum(state.source_type == "notebook" for state in runs.running(connection))
            queue = runs.scheduled(connection) if going < self._concurrency else []
        for run_id in queue:
            spec = self._spec(run_id)
            if spec is None:
                continue
            if secret_names(spec):
                if self._secrets.holds(run_id):
                    return spec
                if self.leading:
                    self._refuse_if_secret_lost(spec)
            elif self.leading:
                return spec
        return None

    def _spec(self, run_id: str) -> RunSpec | None:
        """Return the orders of a queued run; None, told once, for what cannot be understood."""
        with self._database.read() as connection:
            data = runs.spec(connection, run_id)
        try:
            return None if data is None else spec_from(data)
        except msgspec.DecodeError:
            if run_id not in self._troubled:
                self._troubled.add(run_id)
                _LOG.warning("run %s was queued by another version; cancel it", run_id)
            return None

    def _refuse_if_secret_lost(self, spec: RunSpec) -> None:
        if now_ms() - spec.created_at < LEASE_MS:
            return
        with self._database.read() as connection:
            if leases.holder(connection, _secret_lease(spec.run_id), now_ms()) is not None:
                return
        self._refuse(
            spec,
            "Secret lost: the server that held it stopped before the run could start. "
            "Run it again and give the secret again.",
        )

    def _launch(self, spec: RunSpec) -> bool:
        """Start a run's processes, then record it as RUNNING: a crash between is made good."""
        try:
            secrets = self._secrets.take(spec.run_id) if secret_names(spec) else {}
            with self._content.open(spec.source_digest) as file:
                self._executor.launch(spec, file.read(), secrets)
        except MlopsError as error:
            self._executor.sweep(spec.run_id)
            self._refuse(spec, error.message)
            self._executor.discard(spec.run_id)
            return False
        self._mark_started(spec.run_id)
        self._changed = time.monotonic()
        return True

    def _refuse(self, spec: RunSpec, message: str) -> None:
        with self._database.write(clean_up=True) as connection:
            state = runs.find(connection, spec.run_id)
            if state is None or state.status not in ACTIVE:
                return
            runs.end(
                connection,
                spec.run_id,
                status=RunStatus.FAILED,
                reason=Reason.REFUSED,
                message=message,
                ended_at=now_ms(),
            )
            events.append(connection, EventType.RUN_ENDED, spec.run_id, spec.user)

    def _prune(self) -> None:
        if time.monotonic() - self._pruned < PRUNE_SECONDS:
            return
        self._pruned = time.monotonic()
        with self._database.write(clean_up=True) as connection:
            events.prune(connection, now_ms() - KEPT_MS)
            requests.prune(connection, now_ms() - KEPT_MS)


def _secret_lease(run_id: str) -> str:
    return f"secrets:{run_id}"
