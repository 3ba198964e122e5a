"""A kernel process that was started for a run: how to talk to it, and what became of it."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_mlops.domain.runs import Reason

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

    from jupyter_mlops.execution.oom import OutOfMemoryWatch
    from jupyter_mlops.execution.run_directory import RunDirectory
    from jupyter_mlops.execution.stop_flag import StopFlag


class KernelNotStarted(Exception):
    """The kernel never answered; ``reason`` and ``message`` are the run's.

    Raised by ``StartedKernel.connect``; an engine lets it pass, the worker reports it.
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


class StartedKernel:
    """A kernel under its jupyter_client manager.

    ``manager`` serves whatever an engine knows to do with one (interrupt, is_alive), but the
    worker alone shuts the kernel down. ``language`` is the kernelspec's. Everything except
    ``connect`` may be called from any thread.
    """

    def __init__(
        self,
        manager: AsyncKernelManager,
        run: RunDirectory,
        *,
        warm: bool,
        start_timeout: float,
        stop: StopFlag,
        memory: OutOfMemoryWatch,
    ) -> None:
        self.manager = manager
        self.warm = warm
        self._run = run
        self._deadline = time.monotonic() + start_timeout
        self._start_timeout = start_timeout
        self._stop = stop
        self._memory = memory
        self.kernel_info: dict[str, Any] = {}

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

    async def connect(self) -> AsyncKernelClient:
        """Return a client, channels started, of a kernel that answered and whose IOPub flows.

        Bound to the running event loop; replaces ``wait_for_ready``, whose fixed silences cost
        half a second. ``kernel_info`` holds the content of the kernel's info reply afterwards.
        Raises KernelNotStarted, or StoppedWhileStarting when the stop flag is set meanwhile.
        """
        client: AsyncKernelClient = self.manager.client()
        client.start_channels(stdin=False, hb=False)
        try:
            while not await self._answered(client):
                self._check_start()
        except BaseException:
            client.stop_channels()
            raise
        return client

    async def _answered(self, client: AsyncKernelClient) -> bool:
        """Ask once for the kernel's info; true when reply and idle status both came.

        The idle status proves that the IOPub subscription stands; one that came too late for
        this request comes for the next.
        """
        request = client.kernel_info()
        shell = asyncio.ensure_future(_message(client, "shell", request, "kernel_info_reply"))
        idle = asyncio.ensure_future(_message(client, "iopub", request, "status", "idle"))
        try:
            while not (shell.done() and idle.done()):
                waiting = [task for task in (shell, idle) if not task.done()]
                # A kernel that has answered sends its idle status within a moment; without it
                # the subscription was late. Until it has answered, it may be slow to import.
                patience = 0.1 if shell.done() else 0.05
                done, _ = await asyncio.wait(
                    waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    continue
                if shell.done():
                    return False
                self._check_start()
            self.kernel_info = shell.result()["content"]
            return True
        finally:
            for task in (shell, idle):
                task.cancel()
            await asyncio.gather(shell, idle, return_exceptions=True)

    def _check_start(self) -> None:
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

    def is_alive(self) -> bool:
        """Tell whether the kernel's process lives.

        A provisioner that starts kernels elsewhere can only say so in an event loop; its
        kernels count as alive here, ask ``await manager.is_alive()`` for them.
        """
        return self.manager.has_kernel and self._poll() is None

    def exit_status(self) -> ExitStatus:
        """Return how the process ended; call it once the process is gone."""
        code = self._poll()
        return ExitStatus(code=code, out_of_memory=code == -signal.SIGKILL and self._memory.rose())

    def output_tail(self) -> str:
        """Return the last lines the process itself printed (at most 500 characters)."""
        try:
            data = self._run.kernel_output.read_bytes()[-4096:]
        except FileNotFoundError:
            return ""
        lines = [line.strip() for line in data.decode(errors="replace").splitlines()]
        return "\n".join([line for line in lines if line][-3:])[-500:]

    def _poll(self) -> int | None:
        process = getattr(self.manager.provisioner, "process", None)
        if process is None:
            return None
        code: int | None = process.poll()
        return code


async def _message(
    client: AsyncKernelClient, channel: str, request: str, kind: str, state: str | None = None
) -> dict[str, Any]:
    receive = client.get_shell_msg if channel == "shell" else client.get_iopub_msg
    while True:
        try:
            message: dict[str, Any] = await receive(timeout=1.0)
        except Empty:
            continue
        if (
            message["parent_header"].get("msg_id") == request
            and message["msg_type"] == kind
            and (state is None or message["content"].get("execution_state") == state)
        ):
            return message


def _with_tail(message: str, tail: str) -> str:
    return f"{message} Its last words: {tail}" if tail else message
