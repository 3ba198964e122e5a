"""The worker of a run: starts the kernel, lets the engine drive the notebook, reports, leaves."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, cast, get_args

import msgspec

from jupyter_mlops.domain.runs import Reason, RunStatus
from jupyter_mlops.execution import engine
from jupyter_mlops.execution.ending import MESSAGE_MAX_CHARS, Outcome
from jupyter_mlops.execution.heartbeat import start_heartbeat
from jupyter_mlops.execution.kernel_end import shut_down
from jupyter_mlops.execution.kernel_environment import kernel_environment
from jupyter_mlops.execution.kernel_start import start_kernel
from jupyter_mlops.execution.masking import Masker
from jupyter_mlops.execution.orphans import adopt_from
from jupyter_mlops.execution.own_token import own_token
from jupyter_mlops.execution.process_tree import kill_descendants
from jupyter_mlops.execution.spool_writer import SpoolWriter
from jupyter_mlops.execution.started_kernel import (
    KernelNotStarted,
    StartedKernel,
    StoppedWhileStarting,
)
from jupyter_mlops.execution.stop_flag import StopFlag, StopReason

if TYPE_CHECKING:
    from jupyter_mlops.domain.run_spec import RunSpec
    from jupyter_mlops.execution.launch_request import LaunchRequest
    from jupyter_mlops.execution.oom import OutOfMemoryWatch
    from jupyter_mlops.execution.run_directory import RunDirectory

# How long the exit handlers of a kernel may take once its last cell is done.
EXIT_SECONDS = 10.0
_RECORD_LOST = "The disk refused a part of what the run reported about its cells."


@dataclass(frozen=True)
class Worker:
    """One run's worker; ``orders`` and ``report`` are its ends of two pipes to the reaper."""

    run: RunDirectory
    spec: RunSpec
    request: LaunchRequest
    kernel_modules: frozenset[str]
    memory: OutOfMemoryWatch
    orders: int
    report: int

    def work(self) -> int:
        """Do the whole of it; returns the exit code of the process."""
        stop = StopFlag()
        kernel: StartedKernel | None = None
        patience = 0.0
        try:
            kernel = self._start_kernel(stop)
            adopt_from(kernel)
            outcome = self._drive(kernel, stop)
            patience = 0.0 if stop.reason else EXIT_SECONDS
        except KernelNotStarted as failure:
            outcome = _failed(failure.reason, failure.message)
        except StoppedWhileStarting:
            outcome = self._stopped(stop)
        except Exception as error:  # noqa: BLE001 - the reason follows
            # Whatever the engine met, the run must end with a word about it, not silently.
            sys.stderr.write(Masker(self._hidden).text(traceback.format_exc()))
            outcome = _failed(Reason.LOST, f"The engine failed: {type(error).__name__}: {error}")
        self._tell(outcome)
        if kernel is not None:
            shut_down(kernel, patience, failed=outcome.status is RunStatus.FAILED)
        return 0

    @property
    def _hidden(self) -> dict[str, str]:
        """What must be in no file of the run: its secrets, and the token of its kernel."""
        return {**self.request.secrets, **own_token(self.request.environment)}

    def _start_kernel(self, stop: StopFlag) -> StartedKernel:
        environment = kernel_environment(self.request.environment, self.run, self.request.secrets)

        def forget() -> None:
            self.request.forget()
            environment.clear()

        return start_kernel(
            self.run,
            self.spec,
            self.request.kernel_spec,
            environment,
            self.kernel_modules,
            stop,
            self.memory,
            # The kernel may be a fork of us, which no thread survives. Our frames lie below its own.
            start_threads=lambda: self._start_threads(stop),
            forget=forget,
            over_tcp=self.request.over_tcp,
        )

    def _start_threads(self, stop: StopFlag) -> None:
        start_heartbeat(self.run)
        threading.Thread(target=self._obey, args=(stop,), name="orders", daemon=True).start()

    def _obey(self, stop: StopFlag) -> None:
        """Wait for the reaper's order to stop; if the reaper dies, end at once with everything."""
        order = os.read(self.orders, 64).decode()
        if order in get_args(StopReason):
            stop.set(cast("StopReason", order))
            order = os.read(self.orders, 64).decode()
        if not order:
            self._end_without_reaper()

    def _end_without_reaper(self) -> NoReturn:
        # Nobody would ever see our result, and nobody would sweep what we leave.
        kill_descendants(self.run.run_id)
        os._exit(1)

    def _drive(self, kernel: StartedKernel, stop: StopFlag) -> Outcome:
        report = SpoolWriter(self.run.spool)
        try:
            token = own_token(self.request.environment)
            end = engine.execute(
                self.run, self.spec, kernel, report, self.request.secrets, stop, token
            )
        finally:
            whole = report.close()
        return Outcome(
            status=end.status,
            reason=end.reason,
            message=end.message if whole else f"{end.message or ''} {_RECORD_LOST}".strip(),
            failing_cell=end.failing_cell,
            secrets_masked=end.secrets_masked,
        )

    def _stopped(self, stop: StopFlag) -> Outcome:
        if stop.reason == "memory_limit":
            return _failed(Reason.OUT_OF_MEMORY, "The run used more memory than it may.")
        if stop.reason == "time_limit":
            return _failed(
                Reason.TIME_LIMIT,
                f"The run reached its time limit of {self.spec.time_limit:g} s "
                "before the kernel answered.",
            )
        return Outcome(
            status=RunStatus.KILLED,
            reason=Reason.CANCELLED,
            message="The run was cancelled before the kernel answered.",
            failing_cell=None,
            secrets_masked=0,
        )

    def _tell(self, outcome: Outcome) -> None:
        message = outcome.message and Masker(self._hidden).text(outcome.message)
        # The name of a file may hold what UTF-8 cannot carry.
        message = message and message.encode("utf-8", "replace").decode()
        short = msgspec.structs.replace(outcome, message=message and message[:MESSAGE_MAX_CHARS])
        os.write(self.report, msgspec.json.encode(short) + b"\n")


def _failed(reason: Reason, message: str) -> Outcome:
    return Outcome(
        status=RunStatus.FAILED,
        reason=reason,
        message=message,
        failing_cell=None,
        secrets_masked=0,
    )
