"""How a run ends: when it must be stopped, when patience is over, and what is then true of it."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import msgspec

from jupyter_mlops.domain.run_spec import PROTOCOL_VERSION, RunResult, RunSpec
from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution.stop_flag import StopReason

if TYPE_CHECKING:
    from jupyter_mlops.execution.resources import TreeUsage

MESSAGE_MAX_CHARS = 2000
_OUT_OF_MEMORY = "The run was ended because the machine or container ran out of memory."
_SHUT_DOWN = "The run was ended from outside (SIGTERM), as when a machine shuts down."


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker tells its reaper before it leaves; all that a result holds but the figures."""

    status: RunStatus
    reason: Reason | None
    message: str | None
    failing_cell: int | None
    secrets_masked: int


class Ending:
    """Decides about one run; all times are of the monotonic clock, in seconds."""

    def __init__(self, spec: RunSpec, begun: float) -> None:
        self._spec = spec
        self._begun = begun
        self._stop: StopReason | None = None
        self._stopped_at = 0.0
        self._terminated = False
        self._cancelled = False
        self._outcome: Outcome | None = None
        self._outcome_at = 0.0
        self._worker_exit: int | None = None
        self.interrupted_cell: int | None = None

    @property
    def left_unfinished(self) -> bool:
        """Whether the worker left, or was made to leave, before the notebook's end was written."""
        return self._outcome is None or self._outcome.reason is Reason.LOST

    def must_stop(
        self, now: float, *, cancelled: bool, terminated: bool, over_memory: bool = False
    ) -> StopReason | None:
        """Return what the worker must be told now; None if nothing, or if it was told before."""
        self._cancelled |= cancelled
        if self._stop is not None or self._outcome is not None:
            return None
        limit = self._spec.time_limit
        if cancelled:
            self._stop = "cancelled"
        elif terminated:
            self._stop = "cancelled"
            self._terminated = True
        elif over_memory:
            self._stop = "memory_limit"
        elif limit is not None and now - self._begun >= limit:
            self._stop = "time_limit"
        self._stopped_at = now
        return self._stop

    def take_outcome(self, outcome: Outcome, now: float) -> None:
        """Note what the worker reported."""
        self._outcome = outcome
        self._outcome_at = now

    def refuse(self, message: str, now: float) -> None:
        """Note that the run could not even begin."""
        self.take_outcome(self._failed(Reason.REFUSED, message), now)

    def never_begun(self, now: float) -> None:
        """Note that the run was cancelled before it had a worker."""
        outcome = Outcome(
            status=RunStatus.KILLED,
            reason=Reason.CANCELLED,
            message="Cancelled before it started.",
            failing_cell=None,
            secrets_masked=0,
        )
        self.take_outcome(outcome, now)

    def worker_ended(self, code: int) -> None:
        """Note that the worker is gone; ``code`` is negative for a signal."""
        self._worker_exit = code

    def out_of_patience(self, now: float, stop_seconds: float, leave_seconds: float) -> bool:
        """Tell whether a worker that is still there must be killed."""
        if self._outcome is not None:
            hurry = self._cancelled or self._stop is not None
            return now - self._outcome_at >= (stop_seconds if hurry else leave_seconds)
        return self._stop is not None and now - self._stopped_at >= stop_seconds

    def result(self, usage: TreeUsage, *, out_of_memory: bool, unkillable: int) -> RunResult:
        """Return the result of the run, to be called when its processes are gone."""
        outcome = self._final_outcome(out_of_memory)
        message = outcome.message
        if unkillable:
            message = f"{message or ''} {unkillable} of its processes could not be ended.".strip()
        return RunResult(
            run_id=self._spec.run_id,
            protocol=PROTOCOL_VERSION,
            status=outcome.status,
            reason=outcome.reason,
            message=message and message[:MESSAGE_MAX_CHARS],
            ended_at=time.time_ns() // 1_000_000,
            duration_ms=round((time.monotonic() - self._begun) * 1000),
            cpu_seconds=usage.cpu_seconds(),
            peak_memory_bytes=usage.peak_memory_bytes(),
            failing_cell=outcome.failing_cell,
            secrets_masked=outcome.secrets_masked,
        )

    def _final_outcome(self, out_of_memory: bool) -> Outcome:
        if self._terminated and (self._outcome is None or self._outcome.status is RunStatus.KILLED):
            return self._failed(Reason.LOST, _SHUT_DOWN)
        if self._stop == "memory_limit":
            # Its kernel was killed, and the worker cannot always tell by whom.
            return self._failed(Reason.OUT_OF_MEMORY, _over_memory(self._spec.memory_limit))
        if self._outcome is not None:
            if self._outcome.failing_cell is None:
                return msgspec.structs.replace(self._outcome, failing_cell=self.interrupted_cell)
            return self._outcome
        if self._stop == "cancelled":
            return Outcome(
                status=RunStatus.KILLED,
                reason=Reason.CANCELLED,
                message="The run was cancelled; it did not react and was killed.",
                failing_cell=self.interrupted_cell,
                secrets_masked=0,
            )
        if self._stop == "time_limit":
            return self._failed(
                Reason.TIME_LIMIT,
                f"The run reached its time limit of {self._spec.time_limit:g} s; "
                "it did not react and was killed.",
            )
        if self._worker_exit == -signal.SIGKILL and out_of_memory:
            return self._failed(Reason.OUT_OF_MEMORY, _OUT_OF_MEMORY)
        return self._failed(Reason.LOST, _worker_message(self._worker_exit))

    def _failed(self, reason: Reason, message: str) -> Outcome:
        known = self._outcome
        return Outcome(
            status=RunStatus.FAILED,
            reason=reason,
            message=message,
            failing_cell=known.failing_cell if known else self.interrupted_cell,
            secrets_masked=known.secrets_masked if known else 0,
        )


def _over_memory(limit: int) -> str:
    return (
        f"The run used more than the {limit // 1_000_000:,} MB of memory that a run may use here "
        "(MLOpsApp.memory_limit), and was ended."
    )


def _worker_message(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = str(-code)
        return f"The process that drove the notebook was killed from outside ({name})."
    return f"The process that drove the notebook ended by itself (exit code {code})."
