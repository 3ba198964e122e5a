"""A kernel process that was started for a run: how to talk to it, and what became of it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jupyter_mlops.domain.runs import Reason

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager

    from jupyter_mlops.execution.kernel_output import OutputTail
    from jupyter_mlops.execution.oom import OutOfMemoryWatch
    from jupyter_mlops.execution.stop_flag import StopFlag


class KernelNotStarted(Exception):
    """The kernel never answered; ``reason`` and ``message`` are the run's.

    Raised by ``StartedKernel.check_start``; an engine lets it pass, the worker reports it.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class StoppedWhileStarting(Exception):
    """The run was cancelled, or its time ran out, before the kernel answered."""


@dataclass(frozen=True)
class ExitStatus:
    """How a kernel process ended; ``code`` is negative for a signal, None when unknown."""

    code: int | None
    out_of_memory: bool

    @property
    def reason(self) -> Reason:
        """The run's reason when the kernel ended by itself."""
        return Reason.OUT_OF_MEMORY if self.out_of_memory else Reason.KERNEL_DIED

    @property
    def message(self) -> str:
        """One sentence for the user."""
        if self.out_of_memory:
            return "The kernel was killed because the machine or container ran out of memory."
        if self.code is None:
            return "The kernel died."
        if self.code < 0:
            return f"The kernel died: it was ended by signal {_signal_name(-self.code)}."
        return f"The kernel died: it ended itself with exit code {self.code}."


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


class KernelProcess(Protocol):
    """The part of ``subprocess.Popen`` that forked and spawned kernels share."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code (negative for a signal), or None while it runs."""
        ...


class StartedKernel:
    """A kernel under its jupyter_client manager, which is a synchronous one.

    ``manager`` knows the connection (``get_connection_info``); the worker alone shuts the kernel
    down. All methods may be called from any thread.
    """

    def __init__(
        self,
        manager: KernelManager,
        *,
        warm: bool,
        start_timeout: float,
        deadline: float,
        stop: StopFlag,
        memory: OutOfMemoryWatch,
        output: OutputTail,
    ) -> None:
        self.manager = manager
        self.warm = warm
        self._start_timeout = start_timeout
        self._deadline = deadline
        self._stop = stop
        self._memory = memory
        self._output = output

    @property
    def name(self) -> str:
        """Name of the kernelspec."""
        return str(self.manager.kernel_name)

    @property
    def display_name(self) -> str:
        """What users call the kernel."""
        spec = self.manager.kernel_spec
        return str(spec.display_name) if spec else self.name

    @property
    def language(self) -> str:
        """Language that the kernelspec declares, e.g. ``python``."""
        spec = self.manager.kernel_spec
        return str(spec.language) if spec else ""

    def check_start(self) -> None:
        """Raise if waiting for the kernel's first answer has become pointless; call it often.

        Raises KernelNotStarted (process gone, or start timeout over) or StoppedWhileStarting.
        """
        if self._stop.reason is not None:
            raise StoppedWhileStarting
        if not self.is_alive():
            status = self.exit_status()
            if status.out_of_memory:
                raise KernelNotStarted(status.reason, status.message)
            raise KernelNotStarted(
                Reason.KERNEL_DIED,
                _with_tail(f"The kernel {self.display_name!r} did not start.", self.output_tail()),
            )
        if time.monotonic() > self._deadline:
            raise KernelNotStarted(
                Reason.START_TIMEOUT,
                _with_tail(
                    f"The kernel {self.display_name!r} did not answer within "
                    f"{self._start_timeout:g} s.",
                    self.output_tail(),
                ),
            )

    @property
    def process(self) -> KernelProcess | None:
        """The kernel's process; None when its provisioner runs it elsewhere."""
        return getattr(self.manager.provisioner, "process", None)

    def is_alive(self) -> bool:
        """Tell whether the kernel lives."""
        if self.process is None:
            return bool(self.manager.is_alive())
        return self.process.poll() is None

    def interrupt(self) -> None:
        """Ask the running cell to stop, in the way that the kernelspec wants."""
        spec = self.manager.kernel_spec
        if self.process is None or (spec is not None and spec.interrupt_mode == "message"):
            self.manager.interrupt_kernel()
            return
        # The kernel leads its own group, in which the programs of a cell are too.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the kernel and the programs in its group at once."""
        if self.process is None:
            self.manager.shutdown_kernel(now=True)
            return
        for send in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                send(self.process.pid, signal.SIGKILL)

    def exit_status(self) -> ExitStatus:
        """Return how the process ended; call it once the kernel is gone."""
        code = None if self.process is None else self.process.poll()
        return ExitStatus(code=code, out_of_memory=code == -signal.SIGKILL and self._memory.rose())

    def output_tail(self) -> str:
        """Return the last lines that the process itself printed (at most 500 characters)."""
        return self._output.text()


def _with_tail(message: str, tail: str) -> str:
    return f"{message} Its last words: {tail}" if tail else message
